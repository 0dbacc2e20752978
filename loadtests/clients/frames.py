"""WebSocket frames (RFC 6455): bytes in, messages and control frames out; and frames to send.

No socket, no clock.
"""

from __future__ import annotations

import os
from enum import IntEnum
from typing import Final, NamedTuple

from loadtests.clients.failures import MalformedReply

__all__ = ["MESSAGE_LIMIT", "Frame", "FrameReader", "Masks", "Opcode", "close_frame", "frame"]

MESSAGE_LIMIT: Final = 1024 * 1024
"""Bytes of a message: the largest payload that the load lab sends."""

CONTROL_LIMIT: Final = 125
"""RFC 6455, section 5.5: all control frames MUST have a payload length of 125 bytes or less."""


class Opcode(IntEnum):
    """RFC 6455, section 11.8."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


class Frame(NamedTuple):
    """A whole message, put together from its fragments, or a control frame."""

    opcode: Opcode
    payload: bytes


class Masks:
    """Masking keys from the system's random source, a thousand at a time.

    RFC 6455, section 10.3: a key must be fresh for each frame, and not to be guessed from the one before.
    """

    def __init__(self) -> None:
        self._pool = b""
        self._at = 0

    def take(self) -> bytes:
        """Four bytes that nobody has had before."""
        at = self._at
        if at >= len(self._pool):
            self._pool, at = os.urandom(4096), 0
        self._at = at + 4
        return self._pool[at : at + 4]


def frame(opcode: int, payload: bytes, mask: bytes, *, fin: bool = True) -> bytes:
    """A frame from a client, masked with four bytes."""
    length = len(payload)
    first = opcode | 0x80 if fin else opcode
    if length < 126:
        head = bytes((first, 0x80 | length))
    elif length < 65536:
        head = bytes((first, 0x80 | 126)) + length.to_bytes(2)
    else:
        head = bytes((first, 0x80 | 127)) + length.to_bytes(8)
    # Section 5.3: octet i of the payload is XORed with octet i modulo 4 of the key; as one large number, all
    # at once.
    keys = (mask * (length // 4 + 1))[:length]
    masked = int.from_bytes(payload) ^ int.from_bytes(keys)
    return head + mask + masked.to_bytes(length)


def close_frame(code: int, mask: bytes) -> bytes:
    """Section 5.5.1: a close frame begins with a two-byte code."""
    return frame(Opcode.CLOSE, code.to_bytes(2), mask)


class FrameReader:
    """Reads what a server sends. `feed` takes bytes, `next` gives what is whole."""

    def __init__(self) -> None:
        self._buffer = b""
        self._fragments: list[bytes] = []
        self._kind: Opcode | None = None

    @property
    def has_begun(self) -> bool:
        """Whether a part of a message or frame has arrived that isn't whole yet."""
        return bool(self._buffer) or self._kind is not None

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self._buffer = self._buffer + data if self._buffer else data

    def next(self) -> Frame | None:
        """The next whole message or control frame, or None until more bytes are there.

        Raises MalformedReply.
        """
        while (raw := self._frame()) is not None:
            found = self._assemble(*raw)
            if found:
                return found
        return None

    def _frame(self) -> tuple[int, bytes] | None:
        """The first byte and the payload of the next frame (section 5.2)."""
        data = self._buffer
        if len(data) < 2:
            return None
        length, start = data[1], 2
        if length & 0x80:
            raise MalformedReply("a frame from the server is masked")
        if length > 125:
            start = 4 if length == 126 else 10
            if len(data) < start:
                return None
            length = int.from_bytes(data[2:start])
            if length < (126 if start == 4 else 65536):
                raise MalformedReply("a frame's length is not written in the fewest bytes")
            if length > MESSAGE_LIMIT:
                raise MalformedReply("a frame is longer than any that was sent")
        end = start + length
        if len(data) < end:
            return None
        self._buffer = data[end:]
        return data[0], data[start:end]

    def _assemble(self, first: int, payload: bytes) -> Frame | None:
        """Section 5.4: control frames come in between fragments, other messages don't."""
        opcode = OPCODES.get(first & 0x7F)
        if opcode is None:
            raise MalformedReply("a frame has reserved bits or an opcode that nobody agreed on")
        fin = first & 0x80
        if opcode >= Opcode.CLOSE:
            if not fin or len(payload) > CONTROL_LIMIT:
                raise MalformedReply("a control frame is fragmented or too long")
            return Frame(opcode, payload)
        if (opcode is Opcode.CONTINUATION) != (self._kind is not None):
            raise MalformedReply("fragments are out of order")
        if fin and self._kind is None:
            return Frame(opcode, payload)
        return self._add(opcode, payload, last=bool(fin))

    def _add(self, opcode: Opcode, payload: bytes, *, last: bool) -> Frame | None:
        self._fragments.append(payload)
        self._kind = self._kind or opcode
        if sum(map(len, self._fragments)) > MESSAGE_LIMIT:
            raise MalformedReply("a message is longer than any that was sent")
        if not last:
            return None
        message = Frame(self._kind, b"".join(self._fragments))
        self._fragments, self._kind = [], None
        return message


OPCODES: Final[dict[int, Opcode]] = {int(opcode): opcode for opcode in Opcode}
