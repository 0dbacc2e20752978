"""Bytes as a person reads them: hexadecimal and text side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Row", "readable", "rows"]

#: Bytes in one half of a row. Two halves stand beside each other where there is space, else below each other.
HALF = 8


@dataclass(frozen=True)
class Row:
    """Up to sixteen bytes: for each half its hexadecimal digits, and its characters."""

    halves: list[tuple[str, str]]


def rows(data: bytes) -> Iterator[Row]:
    """Return the rows of a dump."""
    for start in range(0, len(data), 2 * HALF):
        yield Row(
            [
                (half.hex(" "), "".join(character(byte) for byte in half))
                for half in (data[start : start + HALF], data[start + HALF : start + 2 * HALF])
                if half
            ]
        )


def character(byte: int) -> str:
    """Return a byte as the character it is in ASCII; a dot for what has no glyph there."""
    return chr(byte) if 0x20 <= byte < 0x7F else "·"


def readable(data: bytes) -> str:
    """Return the bytes as UTF-8, if they are that and it says more than the dump does; else nothing."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text if not text.isascii() and text.strip() else ""
