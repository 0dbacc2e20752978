"""A crowd that comes at once and leaves: does the service come back to what it was before?"""

from __future__ import annotations

from loadtests.shapes.plan import Plan

__all__ = ["Spike"]


class Spike(Plan):
    """A tenth of the users, then all of them for a fifth of the time, then a tenth again."""

    def users(self, part: float) -> int:
        """All in the third fifth of the time."""
        return self.peak if 0.4 <= part < 0.6 else round(self.peak / 10)
