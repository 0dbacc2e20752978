"""A raw TCP client: exactly the bytes that it is told, and a deadline on every wait."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["DEADLINE", "connected", "receive_exactly", "receive_until_closed"]

#: Seconds that any one answer may take on a busy machine.
DEADLINE = 10


@contextmanager
def connected(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=DEADLINE) as sock:
        # Small pieces leave as they are written, or "one byte at a time" would be one segment.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield sock


def receive_exactly(sock: socket.socket, count: int) -> bytes:
    """Return the next `count` bytes; fewer only if the peer has closed."""
    pieces = []
    while count and (piece := sock.recv(min(count, 65536))):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def receive_until_closed(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(65536), b""))
