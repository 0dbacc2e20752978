"""A connection of the selector's: it sends what the kernel takes at once, and keeps the rest for later."""

import os
import socket
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, cast

from serving.conversation import Conversation
from serving.counters import Count
from serving.listener import Address
from serving.output import Pieces, pieces, send
from serving.poller import READ, WRITE
from serving.porter import OPEN
from serving.protocol import Output

if TYPE_CHECKING:
    from serving.selector import Selector

__all__ = ["Connection", "discard"]

#: What is read at once of what does not matter any more.
SIZE = 65536


class Connection(Conversation):
    """A conversation whose bytes move when the kernel says that they can."""

    __slots__ = ("fd", "made", "rest", "watched")
    driver: "Selector"

    def __init__(self, driver: "Selector", fd: int, remote: Address) -> None:
        Conversation.__init__(self, driver, remote)  # not by super(), which takes a third of this one's time
        self.fd = fd
        self.watched = READ  # what the kernel is asked to report
        self.rest: Pieces | None = None  # output that the kernel has not taken yet
        self.made: socket.socket | None = None

    @property
    def sock(self) -> socket.socket:  # type: ignore[override]
        """The socket. Most connections are over before they need more than its descriptor."""
        if self.made is None:
            self.made = socket.socket(fileno=self.fd)
            self.made.setblocking(False)
        return self.made

    def transmit(self, output: Output) -> bool:
        self.rest = pieces(output)
        return self.flush()

    def flush(self) -> bool:
        """Send what the kernel takes now. True if that is all there was."""
        rest = cast("Pieces", self.rest)
        if count := send(self.sock, rest):
            self.seen = monotonic()
            self.driver.count(Count.SENT, count)
        if rest:
            self.watch_for(WRITE)
            return False
        self.rest = None
        return True

    def ready(self, event: int) -> None:
        """The kernel reports more than bytes to read."""
        if event & READ:
            data = self.sock.recv(SIZE)  # raises, if it is broken
            self.driver.count(Count.PIECES, bool(data))
            self.driver.count(Count.RECEIVED, len(data))
            if data:
                self.receive(data)
            else:
                self.end()
        elif not event & WRITE:  # nothing is watched, and it is broken
            raise ConnectionResetError("Connection reset by peer")
        elif self.flush():
            self.sent()

    def watch(self, reading: bool) -> None:
        self.watch_for(READ if reading else 0)

    def watch_for(self, events: int) -> None:
        """Have the kernel report this; what it reports already costs nothing."""
        if events != self.watched and not self.gone:
            self.watched = events
            self.driver.poller.modify(self.fd, events)

    def later(self, what: Callable[[], None]) -> None:
        self.driver.call(what)

    def shut(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)
        self.driver.peers[self.fd] = discard, self, SIZE

    def drop(self, *, reset: bool) -> None:
        self.driver.peers.pop(self.fd, None)  # the kernel forgets a closed descriptor by itself
        if reset or self.made:
            self.driver.leave(self.sock, reset=reset)
        else:
            os.close(self.fd)
            self.driver.row[OPEN] -= 1


def discard(data: bytes) -> Output:  # noqa: ARG001 - as a protocol's `received`
    """After the protocol's end."""
    return b""
