"""How long to wait before the next attempt: longer each time, and never in step with the others."""

import random

__all__ = ["Backoff"]


class Backoff:
    """Delays in seconds that double from ``first`` to ``longest``, each between half of itself and all of it.

    The jitter spreads the listeners of a Redis that comes back, which would otherwise all return in the same
    instant.
    """

    def __init__(self, first: float = 0.1, longest: float = 2.0) -> None:
        self.first = first
        self.longest = longest
        self.reset()

    @property
    def fresh(self) -> bool:
        """Whether nothing has failed since the beginning or the last success."""
        return self.next == self.first

    def reset(self) -> None:
        """An attempt succeeded: begin anew."""
        self.next = self.first

    def delay(self) -> float:
        """The seconds to wait now."""
        delay, self.next = self.next, min(self.next * 2, self.longest)
        return delay * random.uniform(0.5, 1.0)  # noqa: S311 (jitter is no secret)
