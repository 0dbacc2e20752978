"""What posters write, so that whoever hears it knows who wrote it, when, and whether it is whole."""

from __future__ import annotations

import time
import zlib
from typing import Final, NamedTuple

__all__ = ["LEAST", "MOST", "Letter"]

LEAST: Final = 64
"""Bytes of a letter at least: what it says of itself takes most of them."""

MOST: Final = 4096
"""Bytes of a room's message at most: rooms refuse longer ones."""

SIGN: Final = "layercake"


class Letter(NamedTuple):
    """`layercake POSTER SERIAL NANOSECONDS FILLING CHECKSUM`"""

    poster: str
    """Eight characters that no other poster has."""
    serial: int
    """1, 2, 3 … of this poster."""
    posted: int
    """When it was due, in nanoseconds since 1970: a clock that all processes of a machine share."""

    def write(self, size: int) -> str:
        """A text of that many bytes, within what a room accepts."""
        head = f"{SIGN} {self.poster} {self.serial} {self.posted} "
        filling = "." * (min(max(size, LEAST), MOST) - len(head) - 9)
        return f"{head}{filling} {checksum(head + filling)}"

    @classmethod
    def read(cls, text: str) -> Letter | None:
        """The letter that a text is; None if somebody else wrote it. Raises ValueError if it has changed."""
        if not text.startswith(f"{SIGN} "):
            return None
        body, _, check = text.rpartition(" ")
        if checksum(body) != check:
            raise ValueError("a message is not as it was posted")
        _, poster, serial, posted, *_ = body.split(" ")
        return cls(poster, int(serial), int(posted))

    def age(self) -> int:
        """Microseconds since it was due. A clock that was set back meanwhile makes none."""
        return max(time.time_ns() - self.posted, 0) // 1000


def checksum(text: str) -> str:
    """Eight characters."""
    return f"{zlib.crc32(text.encode()):08x}"
