"""Wait for a condition, with a deadline."""

import time

__all__ = ["until"]


def until(condition, what, seconds=10.0):
    """Return the first true value of `condition()`, or fail with what did not happen."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return value
