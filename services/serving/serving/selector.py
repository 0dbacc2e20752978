"""I/O multiplexing: the kernel says which of thousands of connections can go on; one thread turns to each.

Nothing here blocks but the one call that asks the kernel. A connection costs a few small objects and no
thread, and one protocol that takes its time holds up all the others.
"""

import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from serving.bell import Bell
from serving.connection import Connection
from serving.conversation import TURN
from serving.counters import Count, Row
from serving.driver import REST, Driver, Service
from serving.listener import Address
from serving.log import Log
from serving.poller import READ, open_poller
from serving.pool import Pool
from serving.protocol import Output, Waiting

__all__ = ["Selector"]

#: What one read asks for: little, until a peer has filled that once. Memory is taken for what is asked.
SMALL, LARGE = 4096, 262144

EVENTS = 256  # that the kernel reports at once


class Selector(Driver):
    """One thread's work. Other threads, and signal handlers, may use `stop` and `call`."""

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        super().__init__(listener, service, row, log)
        self.poller, self.bell = open_poller(), Bell()
        self.pool = Pool(service.threads) if service.threads else None
        self.peers: dict[int, tuple[Any, ...]] = {}  # by descriptor: recv, received, send, connection, size
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
        self.poller.register(self.listener.fileno(), READ)
        while self.peers or self.listening:
            self.asleep = True  # from here on a call rings the bell
            events = self.poller.poll(
                0 if self.calls else self.tick if self.peers or self.rested else -1, EVENTS
            )
            self.asleep = False
            self.now = time.monotonic()
            others = self.turn(events)
            if self.bell.heard in others:
                self.bell.hush()
            if others:
                self.accept_some()
            for _ in range(len(self.calls)):
                self.calls.popleft()()
            if self.now - self.swept >= self.tick:
                self.tidy()
            if self.stopping and self.listening:
                self.drain()
        self.close()

    def turn(self, events: list[tuple[int, int]]) -> list[int]:  # noqa: C901 - a call costs
        """Go through what the kernel reports. Every byte takes this path; all else is an exception to it.

        Returns what is no connection: the listener, the bell, and what an earlier event has closed.
        """
        peers, idle, now = self.peers, Waiting.IDLE, self.now
        turns = received = sent = 0
        others = []
        for fd, event in events:
            try:
                recv, take, send, peer, size = peers[fd]
            except KeyError:
                others.append(fd)
                continue
            output: Output = b""
            try:
                if event != READ and not event & READ:
                    peer.ready(event)
                    continue
                data = recv(size)
                if not data:
                    peer.end()
                    continue
                turns += 1
                received += len(data)
                if len(data) == size:
                    peers[fd] = recv, take, send, peer, LARGE
                output = take(data)
                count = send(output) if type(output) is bytes and output else 0
                sent += count
                if count == len(output) and peer.protocol.waiting is idle:
                    peer.waited, peer.seen = idle, now
                    continue
                if count:  # then these are bytes
                    peer.seen = now
                    output = [memoryview(cast("bytes", output))[count:]]
                peer.advance(output)
            except BlockingIOError:
                if output:  # and the kernel took none of it
                    peer.advance(output)
            except Exception as error:  # noqa: BLE001 - a reset, or a fault in the protocol
                peer.lose(error)
        self.row[Count.PIECES] += turns
        self.row[Count.RECEIVED] += received
        self.row[Count.SENT] += sent
        return others

    def accept_some(self) -> None:
        """Let those in who wait at the door."""
        for _ in range(TURN):
            if not (accepted := self.accept()):
                break
            self.open(*accepted)
        if self.starved and not self.rested:
            self.rested = self.now + REST
            self.poller.modify(self.listener.fileno(), 0)

    def open(self, sock: socket.socket, remote: Address) -> None:
        """Begin a conversation."""
        if peer := self.begin(lambda: Connection(self, sock, remote), sock, remote):
            self.enter(peer, peer.protocol.received)
            self.poller.register(peer.fd, READ)
            peer.open()

    def enter(self, peer: Connection, take: Callable[[bytes], Output]) -> None:
        """Note what `turn` needs of a connection."""
        self.peers[peer.fd] = peer.sock.recv, take, peer.sock.send, peer, SMALL

    def everyone(self) -> list[Connection]:
        """All connections."""
        return [peer for _, _, _, peer, _ in self.peers.values()]

    def tidy(self) -> None:
        """What is done once in a while."""
        self.swept = self.now
        self.sweep(self.everyone())
        if self.rested and self.now >= self.rested:
            self.rested = 0.0
            if self.listening:
                self.poller.modify(self.listener.fileno(), READ)
        if self.now >= self.end:
            self.cut(self.everyone())

    def drain(self) -> None:
        """Let nobody in who has not knocked yet, and tell those inside."""
        self.accept_some()
        self.poller.unregister(self.listener.fileno())
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
