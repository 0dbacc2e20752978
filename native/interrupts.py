"""Ctrl-C and its like: what they do to a command, and when they must wait."""

import signal
from types import FrameType

__all__ = ["all_alike", "ignored"]

KINDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def all_alike() -> None:
    """Treat a SIGTERM and a closed terminal as Ctrl-C: nothing is left half-started by them either."""
    for kind in KINDS:
        signal.signal(kind, interrupt)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Raise what Python raises on Ctrl-C."""
    raise KeyboardInterrupt


def ignored() -> None:
    """From here on they change nothing: what was started is being stopped, and has to be, to the end."""
    for kind in KINDS:
        signal.signal(kind, signal.SIG_IGN)
