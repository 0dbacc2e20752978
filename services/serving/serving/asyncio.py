"""The standard library's event loop: the selector's idea, in a loop that somebody else wrote.

What the service does as a whole is coroutines. Each connection is an `asyncio.Protocol` whose calls become
those of a `Conversation`. With ``--loop uvloop`` the same runs on libuv. No other module imports asyncio.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import cast

from serving.conversation import TURN, Conversation
from serving.counters import Count, Row
from serving.driver import ABORT, Driver, Service
from serving.listener import Address
from serving.log import Log
from serving.output import Pieces, pieces, take
from serving.poller import broken
from serving.pool import Pool
from serving.protocol import Output

__all__ = ["Asyncio"]


class Connection(Conversation, asyncio.Protocol):
    """A conversation by way of a transport, which keeps what the kernel does not take."""

    __slots__ = ("full", "kept", "reading", "rest", "sock", "transport")
    driver: "Asyncio"

    def __init__(self, driver: "Asyncio", sock: socket.socket, remote: Address) -> None:
        super().__init__(driver, remote)
        self.sock, self.reading = sock, True
        self.full, self.kept = False, 0  # the transport keeps bytes; how many, when we last looked
        self.rest: Pieces = pieces(b"")  # what the transport has not been given yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(0)  # it is full as soon as the kernel leaves something
        self.driver.conversations.add(self)
        self.open()

    def data_received(self, data: bytes) -> None:
        self.driver.count(Count.PIECES)
        self.driver.count(Count.RECEIVED, len(data))
        self.receive(data)

    def eof_received(self) -> bool:
        self.end()
        return True  # our own side stays open

    def connection_lost(self, exc: Exception | None) -> None:
        self.lose(exc or ConnectionResetError("Connection reset by peer"))

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False
        try:
            if self.flush() and self.blocked:
                self.sent()
        except Exception as error:  # noqa: BLE001 - a file that changed, or a reset
            self.lose(error)

    def patience(self) -> float:
        if self.blocked and self.kept != (kept := self.transport.get_write_buffer_size()):
            self.kept, self.seen = kept, monotonic()  # the peer has read some of it
        return super().patience()

    def transmit(self, output: Output) -> bool:
        self.rest.extend(pieces(output))
        return self.flush()

    def flush(self) -> bool:
        """Give the transport what is left. True if the kernel has got all of it."""
        while self.rest and not self.full:
            data = take(self.rest)  # files are read: uvloop has no sendfile
            self.driver.count(Count.SENT, len(data))
            self.transport.write(data)
        if self.full:
            self.watch(False)
        return not self.full

    def watch(self, reading: bool) -> None:
        if reading != self.reading:
            self.reading = reading
            (self.transport.resume_reading if reading else self.transport.pause_reading)()

    def shut(self) -> None:
        self.transport.write_eof()

    def drop(self, *, reset: bool) -> None:
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self.transport.abort()  # it keeps nothing: what was to be sent has been, or is given up
        self.driver.forget(self)

    def later(self, what: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has been closed, after what did not drain was cut off
            self.driver.loop.call_soon_threadsafe(what)


class Asyncio(Driver):
    """One loop in one thread. Other threads, and signal handlers, may use `stop`."""

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        super().__init__(listener, service, row, log)
        named = None if service.loop == "asyncio" else import_module(service.loop).new_event_loop
        self.runner = asyncio.Runner(loop_factory=named)
        self.loop = self.runner.get_loop()
        self.pool = Pool(service.threads) if service.threads else None
        self.conversations: set[Connection] = set()
        self.opening: set[asyncio.Task[None]] = set()
        self.changed = asyncio.Event()  # we were told to stop, or the last connection has gone

    def stop(self) -> None:
        super().stop()
        with suppress(RuntimeError):  # it has stopped already
            self.loop.call_soon_threadsafe(self.changed.set)

    def run(self) -> None:
        with self.runner:
            self.runner.run(self.serve())
        if self.pool:
            self.pool.close()

    async def serve(self) -> None:
        """Be there for peers, then see them out."""
        self.loop.add_reader(self.listener, self.accept_some)
        tidying = self.loop.create_task(self.tidy())
        while not self.stopping:
            self.changed.clear()
            await self.changed.wait()
        while self.accept_some():
            pass
        self.loop.remove_reader(self.listener)
        self.listener.close()
        await asyncio.gather(*self.opening)
        for conversation in list(self.conversations):
            conversation.proceed()
        while self.conversations and (left := self.end - monotonic()) > 0:
            self.changed.clear()
            with suppress(TimeoutError):  # `stop` changes the end, once more told
                await asyncio.wait_for(self.changed.wait(), left)
        if self.conversations:
            self.cut(self.conversations)
        tidying.cancel()
        await asyncio.sleep(0)  # for the transports to close

    async def tidy(self) -> None:
        """Look, now and then, at the deadlines, and for resets where a transport that is paused sees none."""
        while True:
            await asyncio.sleep(self.tick)
            self.sweep(self.conversations)
            paused = {peer.sock.fileno(): peer for peer in self.conversations if not peer.reading}
            for fd in broken(paused):
                paused[fd].lose(ConnectionResetError("Connection reset by peer"))

    def accept_some(self) -> bool:
        """Let those in who wait at the door. True if there may be more of them."""
        for _ in range(TURN):
            if not (accepted := self.accept()):
                break
            opening = self.loop.create_task(self.open(socket.socket(fileno=accepted[0]), accepted[1]))
            self.opening.add(opening)
            opening.add_done_callback(self.opening.discard)
        else:
            return True
        if self.rest:
            self.loop.remove_reader(self.listener)
            self.loop.call_later(self.rest, self.rise)
        return False

    def rise(self) -> None:
        """The listener has rested."""
        if not self.stopping:
            self.loop.add_reader(self.listener, self.accept_some)

    async def open(self, sock: socket.socket, remote: Address) -> None:
        """Begin a conversation."""
        try:
            await self.loop.connect_accepted_socket(lambda: Connection(self, sock, remote), sock)
        except OSError as error:  # it has broken already
            self.broken(remote, error)
            self.leave(sock, reset=True)

    def everyone(self) -> set[Connection]:
        return self.conversations

    def forget(self, conversation: Connection) -> None:
        """It is over."""
        self.conversations.discard(conversation)
        self.count(Count.OPEN, -1)
        if not self.conversations:
            self.changed.set()
