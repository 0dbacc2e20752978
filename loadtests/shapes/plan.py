"""What the shapes have in common: a peak, a length, and a number of users for each moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from locust import LoadTestShape

if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["MINUTE", "Plan"]

MINUTE: Final = 60.0

AT_ONCE: Final = 100.0
"""Users that start a second when a shape wants more of them: Locust warns of more."""


class Plan(LoadTestShape):
    """A shape that is a function of the part of its time that has passed."""

    abstract: ClassVar[bool] = True
    use_common_options: ClassVar[bool] = True

    @property
    def peak(self) -> int:
        """The most users there will be."""
        return int(getattr(self._options, "num_users", None) or 10)

    @property
    def length(self) -> float:
        """Seconds from start to end."""
        return float(getattr(self._options, "run_time", None) or MINUTE)

    def users(self, part: float) -> int:
        """How many users there are when that part, 0 to 1, of the time has passed."""
        raise NotImplementedError

    def tick(self) -> tuple[int, float] | None:
        """Asked by Locust every second; None ends the test."""
        part = self.get_run_time() / self.length  # type: ignore[no-untyped-call]
        return (max(self.users(part), 1), AT_ONCE) if part < 1 else None

    @property
    def _options(self) -> Namespace | None:
        return self.runner.environment.parsed_options if self.runner else None
