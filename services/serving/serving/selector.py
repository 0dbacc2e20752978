"""I/O multiplexing: the kernel says which of thousands of connections can go on; one thread turns to each.

Nothing here blocks but the one call that asks the kernel. A connection costs a few small objects and no
thread, and one protocol that takes its time holds up all the others.
"""

import os
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import cast

from serving.bell import Bell
from serving.connection import Connection, discard
from serving.conversation import TURN
from serving.counters import Count, Row
from serving.driver import Driver, Service
from serving.listener import Address
from serving.log import Log
from serving.poller import READ, open_poller
from serving.pool import Pool
from serving.protocol import Output, Waiting

__all__ = ["Selector"]

#: What one read of a connection asks for: little at first, as memory is taken for what is asked, not for what
#: comes; then, each time that a peer has filled it, the next. The last is also what an echo keeps for a peer
#: that does not read: four hundred of those are some forty megabytes.
SIZES = 448, 16_384, 98_304
SMALL = SIZES[0]

EVENTS = 256  # that the kernel reports at once

Take = Callable[[bytes], Output]

#: Looked up once, for the path that every message takes.
IDLE = Waiting.IDLE
PIECES, RECEIVED, SENT = int(Count.PIECES), int(Count.RECEIVED), int(Count.SENT)


class Selector(Driver):
    """One thread's work. Other threads, and signal handlers, may use `stop` and `call`."""

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        super().__init__(listener, service, row, log)
        self.poller, self.bell, self.door = open_poller(), Bell(), listener.fileno()
        self.pool = Pool(service.threads) if service.threads else None
        self.peers: dict[int, tuple[Take, Connection, int]] = {}  # by descriptor, with the size to read
        self.calls: deque[Callable[[], None]] = deque()
        self.asleep = False  # in the call that asks the kernel, or about to be
        self.now = self.swept = time.monotonic()
        self.rested = 0.0  # when the listener goes on, if it rests
        self.listening = True

    def call(self, what: Callable[[], None]) -> None:
        """Have something done in the driver's thread, soon."""
        self.calls.append(what)
        if self.asleep:
            self.bell.ring()

    def stop(self) -> None:
        super().stop()
        self.bell.ring()

    def run(self) -> None:
        self.poller.register(self.bell.fileno(), READ)
        self.poller.register(self.door, READ)
        while self.peers or self.listening:
            self.asleep = True  # from here on a call rings the bell
            # Not for ever: a signal that comes just before this call is seen after it.
            patience = 0 if self.calls else min(self.tick, self.rest or self.tick)
            events = self.poller.poll(patience, EVENTS)
            self.asleep = False
            self.now = time.monotonic()
            others = self.turn(events)
            if self.bell.heard in others:
                self.bell.hush()
            if self.door in others:
                self.accept_some()
            elif self.rested and self.now >= self.rested and self.listening:
                self.rested = self.rest = 0.0
                self.poller.modify(self.door, READ)
            for _ in range(len(self.calls)):
                self.calls.popleft()()
            if self.now - self.swept >= self.tick:
                self.tidy()
            if self.stopping and self.listening:
                self.drain()
        self.close()

    def turn(self, events: list[tuple[int, int]]) -> list[int]:  # noqa: C901, PLR0912 - calls take time
        """Go through what the kernel reports. Every byte takes this path; all else is an exception to it.

        Returns what is no connection: the listener, the bell, and what an earlier event has closed.
        """
        peers, read, write, idle, now = self.peers, os.read, os.write, IDLE, self.now
        others: list[int] = []
        pieces = received = sent = 0
        for fd, event in events:
            try:
                take, peer, size = peers[fd]
            except KeyError:
                others.append(fd)
                continue
            try:
                if event != READ:
                    peer.ready(event)
                    continue
                data = read(fd, size)
                if not data:
                    peer.end()
                    continue
                count = len(data)
                pieces += 1
                received += count
                if count == size:
                    self.ask_for_more(fd)
                output = take(data)
                if output:
                    try:
                        count = write(fd, output)  # type: ignore[arg-type]
                    except (BlockingIOError, TypeError):  # no room; several pieces
                        count = 0
                    sent += count
                    if count == len(output):
                        peer.seen = now
                        if peer.protocol.waiting is idle:
                            continue
                        output = b""
                    elif count:
                        output = [memoryview(cast("bytes", output))[count:]]
                peer.settle(output)
            except BlockingIOError:  # of read: nothing there after all
                continue
            except Exception as error:  # noqa: BLE001 - a reset, or whatever a protocol raises
                peer.lose(error)
        if pieces:
            row = self.row
            row[PIECES] += pieces
            row[RECEIVED] += received
            row[SENT] += sent
        return others

    def accept_some(self) -> bool:
        """Let those in who wait at the door. True if there may be more of them."""
        for _ in range(TURN):
            if not (accepted := self.accept()):
                break
            self.open(*accepted)
        else:
            return True
        if self.rest:
            self.rested = self.now + self.rest
            self.poller.modify(self.door, 0)
        return False

    def open(self, fd: int, remote: Address) -> None:
        """Begin a conversation."""
        peer = Connection(self, fd, remote)
        self.poller.register(fd, READ)
        peer.open()
        if not peer.gone:
            self.peers[fd] = discard if peer.ending else peer.protocol.received, peer, SMALL

    def ask_for_more(self, fd: int) -> None:
        """A peer has filled what was asked for."""
        take, peer, size = self.peers[fd]
        self.peers[fd] = take, peer, next((larger for larger in SIZES if larger > size), size)

    def everyone(self) -> list[Connection]:
        """All connections."""
        return [peer for _, peer, _ in self.peers.values()]

    def tidy(self) -> None:
        """What is done once in a while."""
        self.swept = self.now
        self.sweep(self.everyone())
        if self.now >= self.end:
            self.cut(self.everyone())

    def drain(self) -> None:
        """Let nobody in who has not knocked yet, and tell those inside."""
        while self.accept_some():
            pass
        self.poller.unregister(self.door)
        self.listener.close()
        self.listening = False
        for peer in self.everyone():
            peer.proceed()

    def close(self) -> None:
        """Everyone has gone."""
        self.poller.close()
        self.bell.close()
        if self.pool:
            self.pool.close()
