"""How far it is, and how long it still takes: one line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Final, TextIO

__all__ = ["Progress"]

WIDTH: Final = 30

EVERY: Final = 15.0
"""Seconds between two lines where there is no terminal."""


class Progress:
    """A bar for so many seconds of work, corrected by how long they really take."""

    def __init__(self, expected: float, stream: TextIO | None = None) -> None:
        self.expected = expected
        self.done = 0.0
        self.stream = stream or sys.stderr
        self.began = time.monotonic()
        self._said = self.began - EVERY

    @property
    def left(self) -> float:
        """Seconds still to go."""
        spent = time.monotonic() - self.began
        pace = spent / self.done if self.done > self.expected / 20 else 1.0
        return max(self.expected - self.done, 0.0) * pace

    def advance(self, seconds: float) -> None:
        """So much of what was expected is done."""
        self.done = min(self.done + seconds, self.expected)

    def show(self, what: str) -> None:
        """Say what is going on."""
        part = self.done / self.expected if self.expected else 1.0
        minutes, seconds = divmod(round(self.left), 60)
        line = f"{part:4.0%}  {minutes}:{seconds:02} left  {what}"
        if self.stream.isatty():
            filled = round(part * WIDTH)
            self.stream.write(f"\r[{'█' * filled}{'·' * (WIDTH - filled)}] {line}\x1b[K")
        elif time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            self.stream.write(f"{line}\n")
        self.stream.flush()

    def end(self) -> None:
        """Leave the terminal's line."""
        if self.stream.isatty():
            self.stream.write("\r\x1b[K")
            self.stream.flush()
