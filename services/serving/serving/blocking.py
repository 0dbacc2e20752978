"""A conversation that has a thread to itself, and so may wait.

It reads as one would tell it: open; wait for bytes, for a bell or for the end of patience; deal with what
came first; and so on, until it is over.
"""

import select
import socket
from collections import deque
from collections.abc import Callable
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from serving.bell import Bell
from serving.conversation import Conversation
from serving.counters import Count
from serving.listener import Address
from serving.output import pieces, send
from serving.protocol import Output

if TYPE_CHECKING:
    from serving.driver import Driver

__all__ = ["Blocking", "wait"]

#: What one read asks for.
SIZE = 65536


class Blocking(Conversation):
    """Run in one thread; another may `evict` it. Who makes its bell closes that after the conversation."""

    __slots__ = ("bell", "calls", "reading", "sock")

    def __init__(self, driver: "Driver", sock: socket.socket, remote: Address, bell: Bell) -> None:
        super().__init__(driver, remote)
        self.sock, self.bell = sock, bell
        self.calls: deque[Callable[[], None]] = deque()
        self.reading = True

    def run(self) -> None:
        """The whole conversation."""
        self.open()
        while not self.gone:
            if monotonic() >= self.driver.end:
                self.driver.cut([self])
            elif self.calls:
                self.calls.popleft()()
            elif self.driver.stopping and not self.told:
                self.proceed()
            else:
                self.listen()

    def listen(self) -> None:
        """Wait for what comes first. Past a deadline it matters no more what a peer still sends."""
        left = min(self.seen + self.patience(), self.driver.end) - monotonic()
        ready = wait(left, self.bell, self.sock, select.POLLIN if self.reading else 0) if left > 0 else []
        if self.sock.fileno() in ready:
            self.read()
        elif not ready and monotonic() < self.driver.end:
            self.expire()

    def read(self) -> None:
        """There are bytes, or the end of them, or the connection is broken."""
        try:
            data = self.sock.recv(SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self.lose(error)
            return
        if not self.reading:  # and yet reported
            self.lose(ConnectionResetError("Connection reset by peer"))
        elif data:
            self.driver.count(Count.PIECES)
            self.driver.count(Count.RECEIVED, len(data))
            self.receive(data)
        else:
            self.end()

    def transmit(self, output: Output) -> bool:
        rest = pieces(output)
        while True:
            sent = send(self.sock, rest)
            self.driver.count(Count.SENT, sent)
            if not rest:
                return True
            if sent:
                self.seen = monotonic()
            self.blocked = True
            left = min(self.seen + self.driver.limits.unread, self.driver.end) - monotonic()
            if not wait(left, self.bell, self.sock, select.POLLOUT):
                raise TimeoutError("the peer does not read")

    def evict(self) -> None:
        self.later(super().evict)

    def watch(self, reading: bool) -> None:
        self.reading = reading

    def shut(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def drop(self, *, reset: bool) -> None:
        self.driver.leave(self.sock, reset=reset)

    def later(self, what: Callable[[], None]) -> None:
        self.calls.append(what)
        self.bell.ring()


def wait(seconds: float, bell: Bell, sock: socket.socket, events: int) -> list[int]:
    """Block until a socket is ready or a bell rings. Returns their descriptors; none at the end."""
    poll = select.poll()
    poll.register(bell, select.POLLIN)
    poll.register(sock, events)
    ready = [fd for fd, _ in poll.poll(None if seconds == inf else max(0.0, seconds) * 1000)]
    if bell.fileno() in ready:
        bell.hush()
    return ready
