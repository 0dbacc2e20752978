"""`Peer.pull` and `Peer.push` in the very thread that moves the bytes: they block on the one socket."""

import select
import socket
from collections.abc import Callable

from serving.counters import Count
from serving.limits import Limits
from serving.output import pieces, send
from serving.protocol import Output, Protocol

__all__ = ["pull", "push"]

READ_SIZE = 65536

Counting = Callable[[int, int], None]  #: `Driver.count`


def pull(sock: socket.socket, protocol: Protocol, limits: Limits, count: Counting) -> bool:
    """Wait until the peer has sent something, and give it to the protocol. True at end of file."""
    data = None
    while data is None:
        if not ready(sock, select.POLLIN, limits.content):
            output = protocol.expired()
            break
        try:
            data = sock.recv(READ_SIZE)
        except BlockingIOError:
            continue
        count(Count.RECEIVED, len(data))
        output = protocol.received(data) if data else protocol.ended()
    push(sock, output, limits, count)
    return data == b""


def push(sock: socket.socket, output: Output, limits: Limits, count: Counting) -> None:
    """Send all of an output, at the peer's pace."""
    rest = pieces(output)
    while rest:
        count(Count.SENT, send(sock, rest))
        if rest and not ready(sock, select.POLLOUT, limits.unread):
            raise TimeoutError("the peer does not read")


def ready(sock: socket.socket, event: int, seconds: float) -> bool:
    """Block until a socket is ready, or broken; False if that takes too long."""
    poll = select.poll()
    poll.register(sock, event)
    return bool(poll.poll(seconds * 1000))
