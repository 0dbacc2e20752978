"""WebSocket frames (RFC 6455, section 5.2), made to be wrong where a case wants that, and read back."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = ["Frame", "Opcode", "close", "frame", "read"]

MASK = bytes(4)
"""Of zeros, which is a mask like any other and leaves the payload as it is."""


class Opcode(IntEnum):
    """RFC 6455, section 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


class Frame(NamedTuple):
    """As a server sends it."""

    first: int
    """FIN, the three reserved bits and the opcode."""
    payload: bytes

    @property
    def opcode(self) -> int:
        """What it is."""
        return self.first & 0x0F

    @property
    def code(self) -> int | None:
        """The close code of a close frame, if it has one."""
        return int.from_bytes(self.payload[:2], "big") if len(self.payload) >= 2 else None


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, bits: int = 0, masked: bool = True
) -> bytes:
    """One frame, as a client sends it."""
    mask = 0x80 if masked else 0
    size = len(payload)
    if size < 126:
        length = bytes([mask | size])
    elif size < 65536:
        length = bytes([mask | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([mask | 127]) + size.to_bytes(8, "big")
    return bytes([(0x80 if fin else 0) | bits | opcode]) + length + (MASK if masked else b"") + payload


def close(code: int) -> bytes:
    """A close frame."""
    return frame(Opcode.CLOSE, code.to_bytes(2, "big"))


def read(octets: bytes) -> list[Frame]:
    """The frames that are whole. A server masks none of them."""
    frames = []
    while len(octets) >= 2:
        size, start = octets[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(octets[2:start], "big")
        if len(octets) < start + size:
            break
        frames.append(Frame(octets[0], octets[start : start + size]))
        octets = octets[start + size :]
    return frames
