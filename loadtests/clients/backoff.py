"""How long to wait before the next try, after one failure or several in a row."""

from __future__ import annotations

import random
from typing import Final

__all__ = ["Backoff"]

FIRST: Final = 0.1
"""Seconds before the second try in a row; the first is made at once, as one lost connection says little."""

LONGEST: Final = 5.0
"""Seconds at most: as long as a service takes to come back, so that a run goes on soon after it has."""


class Backoff:
    """Doubles with every failure in a row, with jitter, so that many users don't come back in step."""

    def __init__(self) -> None:
        self.failures = 0

    def succeeded(self) -> None:
        """Start over."""
        self.failures = 0

    def failed(self) -> float:
        """Count a failure; give the seconds to wait."""
        self.failures += 1
        if self.failures == 1:
            return 0.0
        longest: float = min(FIRST * 2 ** (self.failures - 2), LONGEST)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - a waiting time is no secret
