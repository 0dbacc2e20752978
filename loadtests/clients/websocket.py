"""WebSocket over one connection: the opening handshake, then one message after another."""

from __future__ import annotations

import base64
import hashlib
import os
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from loadtests.clients.connection import Connection
from loadtests.clients.failures import ClosedEarly, ConnectFailed, Failure, MalformedReply, WrongContent
from loadtests.clients.frames import Frame, FrameReader, Masks, Opcode, close_frame, frame
from loadtests.clients.response import Head, parse_head

if TYPE_CHECKING:
    from loadtests.addresses import Address

__all__ = ["WebSocketClient"]

GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3

CONTROL: Final = (Opcode.PING, Opcode.PONG, Opcode.CLOSE)


class WebSocketClient:
    """One WebSocket. Raises Failure when it can't be opened."""

    keep_alive = True

    def __init__(self, address: Address, path: str, timeout: float) -> None:
        self._connection = Connection(address, timeout)
        self.opened = self._connection.opened
        self._reader = FrameReader()
        self._masks = Masks()
        self.first_byte = 0
        """When the first bytes of the last reply arrived, by the performance counter."""
        try:
            self._open(address, path)
        except BaseException:
            self._connection.close()
            raise

    def exchange(self, payload: bytes) -> int:
        """Send a binary message; the next message must be the same. Returns its length. Raises Failure."""
        self._connection.send(frame(Opcode.BINARY, payload, self._masks.take()))
        self._feed()
        self.first_byte = perf_counter_ns()
        reply = self._message()
        if reply.payload != payload or reply.opcode is not Opcode.BINARY:
            raise WrongContent("another message came back than was sent")
        if self._reader.has_begun:
            self._what_follows()
        return len(payload)

    def _what_follows(self) -> None:
        """A ping may come right behind a reply. Raises MalformedReply for anything that is a message."""
        while (found := self._reader.next()) is not None:
            if found.opcode not in CONTROL:
                raise MalformedReply("more came back than was sent")
            self._control(found)
        if self._reader.has_begun:
            raise MalformedReply("more came back than was sent")

    def close(self) -> None:
        """Say that we go (section 7.1.1), and go: a user that stops has no time for the answer."""
        try:
            self._connection.send_at_once(close_frame(1000, self._masks.take()))
        except Failure:
            pass  # nobody is there any more to be told
        finally:
            self._connection.close()

    def _message(self) -> Frame:
        """The next message; pings on the way are answered, and a close is a failure, as a reply was owed."""
        while True:
            while (found := self._reader.next()) is None:
                self._feed()
            if found.opcode not in CONTROL:
                return found
            self._control(found)

    def _control(self, found: Frame) -> None:
        """Answer a ping; a close is a failure."""
        if found.opcode is Opcode.PING:
            self._connection.send(frame(Opcode.PONG, found.payload, self._masks.take()))
        elif found.opcode is Opcode.CLOSE:
            raise ClosedEarly(f"closed by the server with code {self._answer_close(found.payload)}")

    def _feed(self) -> None:
        data = self._connection.receive()
        if not data:
            raise ClosedEarly("the connection ended without a close frame")
        self._reader.feed(data)

    def _answer_close(self, payload: bytes) -> int:
        """Section 5.5.1: the other side's close frame is answered with one.

        Gives its code; 1005 is "none was given".
        """
        if len(payload) == 1:
            raise MalformedReply("a close frame with half a code")
        code = int.from_bytes(payload[:2]) if payload else 1005
        self._connection.send(frame(Opcode.CLOSE, payload[:2], self._masks.take()))
        return code

    def _open(self, address: Address, path: str) -> None:
        """Section 4.1. The Origin is the server's own, as a browser that has its page would send."""
        key = base64.b64encode(os.urandom(16))
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {address}",
            f"Origin: http://{address}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key.decode()}",
            "Sec-WebSocket-Version: 13",
            "",
            "",
        )
        self._connection.send("\r\n".join(lines).encode())
        raw = b""
        while b"\r\n\r\n" not in raw:
            data = self._connection.receive()
            if not data:
                raise ConnectFailed("closed before the opening handshake was answered")
            self.first_byte = self.first_byte or perf_counter_ns()
            raw += data
        raw, _, rest = raw.partition(b"\r\n\r\n")
        check_opening(parse_head(raw), key)
        self._reader.feed(rest)


def check_opening(head: Head, key: bytes) -> None:
    """Section 4.1, last part: what a client MUST validate. Raises ConnectFailed."""
    fields = dict(head.fields)
    accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    if head.status != 101:
        raise ConnectFailed(f"the opening handshake was answered with status {head.status}")
    if (
        fields.get(b"upgrade", b"").lower() != b"websocket"
        or b"upgrade" not in fields.get(b"connection", b"").lower().replace(b" ", b"").split(b",")
        or fields.get(b"sec-websocket-accept") != accept
    ):
        raise ConnectFailed("the answer to the opening handshake is not one")
    if b"sec-websocket-extensions" in fields or b"sec-websocket-protocol" in fields:
        raise ConnectFailed("the server chose an extension or a subprotocol that was not offered")
