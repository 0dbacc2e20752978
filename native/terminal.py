"""What a person at the terminal gets to read; plain text, so that a log of it reads the same."""

import sys
import time

__all__ = ["Stopwatch", "say", "warn"]


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def warn(text: str) -> None:
    """Print a line on standard error, after what was said before it."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


class Stopwatch:
    """Seconds since it was made, as text."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __str__(self) -> str:
        seconds = time.monotonic() - self._start
        if seconds < 60:
            return f"{seconds:.1f} s"
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
