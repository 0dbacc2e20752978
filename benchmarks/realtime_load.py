"""The load of ``benchmarks.realtime``: raw WebSockets in one thread, cheap enough that the server is what is
measured.

A client here checks less than a user's would: it takes frames apart and counts messages. That every byte and
every number is right is what the tests are for; but a message that does not come ends a run.
"""

import base64
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

__all__ = ["Clocks", "Crowd", "Socket", "Work", "echoes", "masked", "receipts", "spread"]

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA  # RFC 6455, section 5.2

#: Nothing in a run is silent for this long, unless the server has lost a message.
STALL_SECONDS = 20.0

#: Bytes of a message, as on every rung of the ladder.
SIZE = 64

#: Posts that are on their way at once in ``spread``: enough that the server never waits for the client, and
#: far below the hundred messages past which Channels' layer would drop some.
WINDOW = 8


class Socket:
    """One connection, opened and then used without blocking."""

    def __init__(self, port: int, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=STALL_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self.buffer:
            if not (data := self.socket.recv(65536)):
                raise RuntimeError(f"{path}: the server ended the connection")
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise RuntimeError(f"{path} was refused: {head.decode('latin-1').splitlines()[0]}")
        self.socket.setblocking(False)

    def send(self, frame: bytes) -> None:
        """Send a frame that ``masked`` has made; it is small and the server reads, so it fits."""
        self.socket.send(frame)

    def receive(self) -> Iterator[bytes]:
        """The messages that are here now."""
        data = self.buffer + self.socket.recv(262144)
        start, end = 0, len(data)
        while end - start >= 4:
            opcode, length, body = data[start] & 0x0F, data[start + 1], start + 2
            if length == 126:
                length, body = struct.unpack_from("!H", data, body)[0], start + 4
            if end - body < length:
                break
            start = body + length
            if opcode in {TEXT, BINARY}:
                yield data[body:start]
            elif opcode == PING:
                self.socket.send(masked(data[body:start], PONG))
            elif opcode == CLOSE:
                raise RuntimeError(f"the server closed: {data[body + 2 : start].decode()}")
        self.buffer = data[start:]


def masked(payload: bytes, opcode: int = TEXT) -> bytes:
    """One frame from a client to a server, which must be masked (section 5.3); the mask may be any."""
    size, mask = len(payload), b"mask"
    head = (
        struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        if size < 126
        else struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
    )
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


@dataclass(frozen=True, slots=True)
class Work:
    """How many messages, in how many seconds, and how many of them the server's processor worked."""

    count: int
    seconds: float
    processor: float


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where a server listens, and how long it has worked."""

    port: int
    processor: Callable[[], float]

    def begin(self) -> Callable[[int], Work]:
        """Read both clocks; the result reads them again and tells the difference."""
        began, worked = time.perf_counter(), self.processor()
        return lambda count: Work(count, time.perf_counter() - began, self.processor() - worked)


class Crowd:
    """Connections to one address, and one loop over all of them."""

    def __init__(self, port: int, path: str, count: int) -> None:
        self.sockets = [Socket(port, path) for _ in range(count)]
        self.poll = select.epoll()
        self.by_number = {client.socket.fileno(): client for client in self.sockets}
        for number in self.by_number:
            self.poll.register(number, select.EPOLLIN)

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        self.poll.close()
        for client in self.sockets:
            client.socket.close()

    def run(self, take: Callable[[Socket, bytes], bool]) -> None:
        """Hand every message to ``take`` until it returns False."""
        while True:
            ready = self.poll.poll(STALL_SECONDS)
            if not ready:
                raise RuntimeError(f"no message came for {STALL_SECONDS:g} s: one is lost")
            for number, _ in ready:
                client = self.by_number[number]
                for message in client.receive():
                    if not take(client, message):
                        return

    def settle(self, seconds: float = 0.3) -> None:
        """Read what the server says first, until it has been silent for a while."""
        while ready := self.poll.poll(seconds):
            for number, _ in ready:
                for _ in self.by_number[number].receive():
                    pass


def echoes(server: Clocks, connections: int, seconds: float) -> Work:
    """Messages sent and received again, one on its way on each connection."""
    frame = masked(b"e" * SIZE)
    with Crowd(server.port, "/ws/echo", connections) as crowd:
        count, work = 0, server.begin()
        end = time.perf_counter() + seconds

        def take(client: Socket, _: bytes) -> bool:
            nonlocal count
            count += 1
            client.send(frame)
            return count % 64 != 0 or time.perf_counter() < end

        for client in crowd.sockets:
            client.send(frame)
        crowd.run(take)
        return work(count)


def spread(server: Clocks, listeners: int, seconds: float) -> Work:
    """Messages delivered to everyone in a room, one of whom posts."""
    text = b"s" * SIZE
    frame = masked(b'{"author":"bench","text":"%s"}' % text)
    with Crowd(server.port, f"/ws/rooms/bench-{time.monotonic_ns()}", listeners) as crowd:
        crowd.settle()
        delivered, posted, work = 0, WINDOW, server.begin()
        end = time.perf_counter() + seconds

        def take(_: Socket, message: bytes) -> bool:
            nonlocal delivered, posted
            if text not in message:
                return True  # an acknowledgement
            delivered += 1
            if delivered % listeners == 0 and time.perf_counter() < end:
                crowd.sockets[0].send(frame)
                posted += 1
            return delivered < posted * listeners

        for _ in range(WINDOW):
            crowd.sockets[0].send(frame)
        crowd.run(take)
        return work(delivered)


def receipts(server: Clocks, seconds: float) -> Work:
    """One receipt, in p50 of the seconds that it takes a listener to post and to hear itself."""
    text = b"r" * SIZE
    frame = masked(b'{"author":"bench","text":"%s"}' % text)
    with Crowd(server.port, f"/ws/rooms/bench-{time.monotonic_ns()}", 1) as crowd:
        crowd.settle()
        client, delays, end = crowd.sockets[0], [], time.perf_counter() + seconds
        sent = time.perf_counter()

        def take(_: Socket, message: bytes) -> bool:
            nonlocal sent
            if text not in message:
                return True
            delays.append(time.perf_counter() - sent)
            time.sleep(0.001)  # the acknowledgement is on its way too, and is not to be in the next one's
            sent = time.perf_counter()
            client.send(frame)
            return sent < end

        client.send(frame)
        crowd.run(take)
        return Work(1, median(delays), 0.0)
