"""Waiting for a condition, with a deadline instead of a guess."""

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["wait_for"]

Value = TypeVar("Value")


def wait_for(what: str, condition: Callable[[], Value], seconds: float = 20, every: float = 0.1) -> Value:
    """Return the condition's first true value; fail with `what` was waited for when the time is over."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(every)
    return value
