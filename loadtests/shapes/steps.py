"""Five steps up: what each further fifth of the users adds."""

from __future__ import annotations

from loadtests.shapes.plan import Plan

__all__ = ["Steps"]


class Steps(Plan):
    """A fifth of the users more with each fifth of the time."""

    def users(self, part: float) -> int:
        """20 %, 40 %, 60 %, 80 %, 100 %."""
        return round(self.peak * (int(part * 5) + 1) / 5)
