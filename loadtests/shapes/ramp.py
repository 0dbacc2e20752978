"""More and more users until it breaks."""

from __future__ import annotations

import logging
from typing import Final

from loadtests.shapes.plan import Plan

__all__ = ["Ramp"]

BROKEN: Final = 0.05
"""The part of failed requests at which a service is broken: far more than chance, well before nobody is
served."""

ENOUGH: Final = 20
"""Requests since the last look, fewer than which say nothing about a part."""


class Ramp(Plan):
    """From one user to all of them, evenly.

    Ends early when one in twenty requests fails, and says at how many.
    """

    seen = (0, 0)
    """Requests and failures up to the last look."""

    def reset_time(self) -> None:
        """A new test starts."""
        super().reset_time()  # type: ignore[no-untyped-call]
        self.seen = (0, 0)

    def users(self, part: float) -> int:
        """In proportion to the time."""
        return round(self.peak * part)

    def tick(self) -> tuple[int, float] | None:
        """None also when it is broken."""
        if self.is_broken():
            users = self.get_current_user_count()  # type: ignore[no-untyped-call]
            logging.getLogger(__name__).warning(
                "More than %d %% of the requests fail with %d users: the ramp ends here.", BROKEN * 100, users
            )
            return None
        return super().tick()

    def is_broken(self) -> bool:
        """Whether too many of the requests since the last look have failed."""
        if self.runner is None:
            return False
        total = self.runner.stats.total
        requests, failures = total.num_requests - self.seen[0], total.num_failures - self.seen[1]
        if requests < ENOUGH:
            return False
        self.seen = (total.num_requests, total.num_failures)
        return failures > requests * BROKEN
