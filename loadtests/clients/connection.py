"""One TCP connection, waited for without gevent's socket in between.

gevent's own socket asks the kernel for bytes, is told that there are none yet, and then sets up a wait; a
request and response pay for that each time. Here a greenlet sends, sleeps until the descriptor is readable,
and reads: two system calls an exchange, half as many again in a second as a plain gevent loop does.

Who may call what: a connection belongs to the one greenlet that opened it. The watchman, which runs in the
hub, is the only other party: it throws TimedOut into that greenlet when a deadline has passed. Whoever opens
a connection closes it.
"""

from __future__ import annotations

import errno
import os
import socket
import weakref
from contextlib import suppress
from time import monotonic, perf_counter_ns
from typing import TYPE_CHECKING, Any, Final, Protocol

import gevent.socket
from gevent import get_hub, monkey
from greenlet import getcurrent

from loadtests.clients.failures import ClosedEarly, ConnectFailed, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtests.addresses import Address

__all__ = ["CHUNK", "Connection"]

CHUNK: Final = 256 * 1024
"""Bytes asked for at once: more than any reply of the ladder at its usual payload, so one call reads it
whole."""

CONNECT_TIMEOUT: Final = 5.0
"""Seconds for a connection. On one machine or one network of containers it takes a millisecond or never
happens."""

WATCH_EVERY: Final = 0.1
"""Seconds between two looks at the deadlines: a time-out is late by this much at most, and costs no timer a
request."""

READ, WRITE = 1, 2


class Watcher(Protocol):
    """What is used of gevent's io watchers, which have no types of their own."""

    def start(self, callback: Callable[[], object], /) -> None:
        """Call back whenever the descriptor is ready."""

    def stop(self) -> None:
        """No more calls."""

    def close(self) -> None:
        """No more use."""


PlainSocket: type[socket.socket] = monkey.get_original("socket", "socket")

RESET = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)


class Watchman:
    """Looks at the deadlines of all waiting connections at regular times, in the hub's greenlet."""

    def __init__(self) -> None:
        self._waiting: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._timer: Any = None

    def add(self, connection: Connection) -> None:
        self._waiting.add(connection)
        if self._timer is None:
            # ref=False: a watchman alone is no reason for the loop to go on.
            self._timer = get_hub().loop.timer(WATCH_EVERY, WATCH_EVERY, ref=False)
            self._timer.start(self._look)

    def remove(self, connection: Connection) -> None:
        self._waiting.discard(connection)
        if not self._waiting and self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None

    def _look(self) -> None:
        now = monotonic()
        for connection in list(self._waiting):
            connection.expire(now)


WATCHMAN = Watchman()


class Connection:
    """An open TCP connection to one address, with a deadline for whatever it waits for."""

    def __init__(self, address: Address, timeout: float = 10.0) -> None:
        """Connect. `timeout` is what a wait for a reply may take, in seconds. Raises ConnectFailed."""
        self.timeout = timeout
        self._early = b""
        self._deadline = float("inf")
        self._sleeper: Any = None
        family, peer = resolve(address)
        hub = get_hub()
        self._sleep = hub.switch
        self._socket = PlainSocket(family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._readable: Watcher = hub.loop.io(self._socket.fileno(), READ)
        self._writable: Watcher = hub.loop.io(self._socket.fileno(), READ | WRITE)
        self._start_reading = self._readable.start
        self._stop_reading = self._readable.stop
        self._receive = self._socket.recv
        self._send = self._socket.send
        WATCHMAN.add(self)
        try:
            self._connect(peer)
        except BaseException:
            # A container that was made anew has another address under the same name.
            resolved.pop(address, None)
            self.close()
            raise
        self.opened = perf_counter_ns()
        """When the connection was there, by the performance counter."""

    def close(self) -> None:
        """Close. A second time does nothing."""
        WATCHMAN.remove(self)
        self._readable.close()
        self._writable.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send all of `data` and start the clock for the reply. Raises ClosedEarly or TimedOut."""
        self._deadline = monotonic() + self.timeout
        try:
            sent = self._send(data)
        except BlockingIOError:
            sent = 0
        except RESET:
            raise ClosedEarly("the connection was reset before the request was sent") from None
        if sent < len(data):
            self._send_rest(memoryview(data)[sent:])

    def expect(self, seconds: float) -> None:
        """Start the clock anew, although nothing is sent: something has to come within so many seconds."""
        self.timeout = seconds
        self._deadline = monotonic() + seconds

    def send_at_once(self, data: bytes) -> None:
        """Send from another greenlet than the one that receives, which goes on waiting as it does.

        So this one can't wait: what the kernel does not take, because the server doesn't read, is a failure.
        Raises ClosedEarly.
        """
        try:
            sent = self._send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            raise ClosedEarly("the connection was reset before the request was sent") from None
        if sent < len(data):
            raise ClosedEarly("the server does not read what is sent")

    def receive(self) -> bytes:
        """At least one byte, as soon as there is one; none at the end of the stream.

        Raises ClosedEarly or TimedOut.
        """
        if self._early:
            data, self._early = self._early, b""
            return data
        # What _wait does, without a call in between: here a hundred nanoseconds are one in a hundred.
        self._sleeper = sleeper = getcurrent()
        self._start_reading(sleeper.switch)
        try:
            self._sleep()
        finally:
            self._stop_reading()
            self._sleeper = None
        try:
            return self._receive(CHUNK)
        except BlockingIOError:
            return (
                self.receive()
            )  # woken for something that another layer of the kernel has already taken back
        except RESET:
            raise ClosedEarly("the connection was reset before the reply") from None

    def expire(self, now: float) -> None:
        """Throw TimedOut into the greenlet that waits, if its deadline has passed. Only in the hub."""
        if self._sleeper is not None and now > self._deadline:
            sleeper, self._sleeper = self._sleeper, None
            sleeper.throw(TimedOut(f"no reply within {self.timeout:g} s"))

    def _wait(self, watcher: Watcher) -> None:
        """Sleep until the descriptor is ready.

        The watcher is off while nobody sleeps, so that it wakes nobody else.
        """
        self._sleeper = sleeper = getcurrent()
        watcher.start(sleeper.switch)
        try:
            self._sleep()
        finally:
            watcher.stop()
            self._sleeper = None

    def _send_rest(self, rest: memoryview) -> None:
        """Send what did not fit.

        An echo server sends while we do; its bytes are taken in between, else both wait.
        """
        early: list[bytes] = []
        try:
            while rest:
                self._wait(self._writable)
                with suppress(BlockingIOError):
                    early.append(self._receive(CHUNK))
                    if not early[-1]:
                        raise ClosedEarly("closed before the request was sent")
                with suppress(BlockingIOError):
                    rest = rest[self._send(rest) :]
        except RESET:
            raise ClosedEarly("the connection was reset before the request was sent") from None
        self._early = b"".join(early)

    def _connect(self, peer: tuple[Any, ...]) -> None:
        self._deadline = monotonic() + CONNECT_TIMEOUT
        status = self._socket.connect_ex(peer)
        try:
            if status == errno.EINPROGRESS:
                self._wait(self._writable)
                status = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        except TimedOut:
            raise ConnectFailed(f"no connection within {CONNECT_TIMEOUT:g} s") from None
        if status:
            raise ConnectFailed(f"no connection: {os.strerror(status).lower()}")


def resolve(address: Address) -> tuple[int, tuple[Any, ...]]:
    """The address family and the peer's address as the kernel wants it; remembered until it fails once."""
    if address not in resolved:
        try:
            family, _, _, _, peer = gevent.socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
        except OSError:
            raise ConnectFailed(f"no machine is known as {address.host}") from None
        resolved[address] = (family, peer)
    return resolved[address]


resolved: dict[Address, tuple[int, tuple[Any, ...]]] = {}
