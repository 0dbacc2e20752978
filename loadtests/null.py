"""Servers that do nothing but their protocol: `python -m loadtests.null {tcp,http,ws} [--listen HOST:PORT]`.

What a client reaches against one of these is the client's ceiling: no service lets it go faster. So they take
every short cut that a test bench allows. One thread polls plain sockets, a reply that was made once is
remembered under the bytes of its request, and nothing has a limit or a deadline. They are for loopback, and
for nobody else.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import select
import signal
import socket
import sys
from typing import TYPE_CHECKING, Final

from loadtests.addresses import Address, AddressError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PROTOCOLS", "main", "serve"]

CHUNK: Final = 256 * 1024

GREETING: Final = b"Hello, World! This is an HTTP response."

GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3

REMEMBERED: Final = 1024


CLOSE: Final = 0x8  # RFC 6455, section 11.8


class Closing(Exception):  # noqa: N818 - not an error
    """The last bytes to send before the connection is closed."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply


class Tcp:
    """Echo: what comes goes."""

    def receive(self, data: bytes) -> bytes:
        """The reply to what has come."""
        return data


class Http:
    """200 to every request, with its content, or with the greeting if it has none."""

    known: Final[dict[bytes, bytes]] = {}

    def __init__(self) -> None:
        self._buffer = b""

    def receive(self, data: bytes) -> bytes:
        """The response, once a request is whole."""
        if self._buffer:
            data = self._buffer + data
        reply = self.known.get(data)
        if reply is None:
            reply = self._answer(data)
            if reply and len(self.known) < REMEMBERED:
                self.known[data] = reply
        self._buffer = b"" if reply else data
        return reply

    @staticmethod
    def _answer(data: bytes) -> bytes:
        head, end, content = data.partition(b"\r\n\r\n")
        fields = (line.partition(b":") for line in head.split(b"\r\n"))
        length = next((int(value) for name, _, value in fields if name.lower() == b"content-length"), 0)
        if not end or len(content) < length:
            return b""
        content = content[:length] or GREETING
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content)


class WebSocket:
    """Echo of unfragmented messages, after the opening handshake."""

    def __init__(self) -> None:
        self._buffer = b""
        self._open = False

    def receive(self, data: bytes) -> bytes:
        """The same frames, unmasked. Raises Closing with the answer to a close frame."""
        if self._buffer:
            data = self._buffer + data
        if not self._open:
            return self._handshake(data)
        replies = []
        while frame := self._frame(data):
            reply, taken = frame
            replies.append(reply)
            if data[0] & 0x0F == CLOSE:
                raise Closing(b"".join(replies))
            data = data[taken:]
        self._buffer = data
        return b"".join(replies)

    @staticmethod
    def _frame(data: bytes) -> tuple[bytes, int] | None:
        """The reply to the first frame and that frame's length; RFC 6455, section 5.2."""
        if len(data) < 2:
            return None
        start = {126: 4, 127: 10}.get(data[1] & 0x7F, 2)
        length = int.from_bytes(data[2:start]) if start > 2 else data[1] & 0x7F
        end = start + 4 + length
        if len(data) < end:
            return None
        mask = (data[start : start + 4] * (length // 4 + 1))[:length]
        payload = int.from_bytes(data[start + 4 : end]) ^ int.from_bytes(mask)
        return data[:1] + bytes((data[1] & 0x7F,)) + data[2:start] + payload.to_bytes(length), end

    def _handshake(self, data: bytes) -> bytes:
        self._buffer = data
        if b"\r\n\r\n" not in data:
            return b""
        fields = (line.partition(b":") for line in data.split(b"\r\n"))
        key = next((value.strip() for name, _, value in fields if name.lower() == b"sec-websocket-key"), b"")
        accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
        self._buffer, self._open = b"", True
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept
        )


PROTOCOLS: Final[dict[str, Callable[[], Tcp | Http | WebSocket]]] = {
    "tcp": Tcp,
    "http": Http,
    "ws": WebSocket,
}


def serve(listener: socket.socket, protocol: Callable[[], Tcp | Http | WebSocket]) -> None:
    """For ever: take connections, and give what comes over them to a protocol object each."""
    poller = select.epoll() if hasattr(select, "epoll") else select.poll()
    poller.register(listener.fileno(), select.POLLIN)
    peers: dict[int, tuple[socket.socket, Callable[[bytes], bytes]]] = {}
    while True:
        for number, _ in poller.poll():
            if number == listener.fileno():
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peers[connection.fileno()] = (connection, protocol().receive)
                poller.register(connection.fileno(), select.POLLIN)
                continue
            connection, receive = peers[number]
            if not exchange(connection, receive):
                poller.unregister(number)
                peers.pop(number)[0].close()


def exchange(connection: socket.socket, receive: Callable[[bytes], bytes]) -> bool:
    """Read once and send the reply, whole. False when the other side has gone."""
    try:
        data = connection.recv(CHUNK)
        if data and (reply := receive(data)):
            connection.sendall(reply)
    except Closing as last:
        connection.sendall(last.reply)
        return False
    except OSError:
        return False
    return bool(data)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.null", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("protocol", choices=PROTOCOLS)
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        host, _, port = options.listen.rpartition(":")
        address = (
            Address("127.0.0.1", 0) if options.listen == "127.0.0.1:0" else Address.parse(f"{host}:{port}")
        )
        listener = socket.create_server(address, backlog=1024)
    except (AddressError, OSError) as error:
        sys.exit(f"The null server can't listen on {options.listen}: {error}")
    sys.stderr.write(f"listening on {Address(*listener.getsockname()[:2])}\n")
    sys.stderr.flush()
    with listener, contextlib.suppress(KeyboardInterrupt):
        serve(listener, PROTOCOLS[options.protocol])


if __name__ == "__main__":
    main()
