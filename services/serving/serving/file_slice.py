"""A part of a file, as a piece of output."""

from typing import NamedTuple

__all__ = ["FileSlice"]


class FileSlice(NamedTuple):
    """Part of a file, for the kernel to send where it can. The protocol closes the file, in its next call."""

    descriptor: int
    offset: int
    size: int
