"""What one listener has heard, by number: nothing lost, nothing twice, everything in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

__all__ = ["Account", "Verdict"]

GAP_LIMIT: Final = 100_000
"""Numbers that a listener remembers as missing. Of a longer gap the rest is lost at once: it would come late
only from a room that is out of its mind."""

Verdict = Literal["in order", "out of order", "doubled"]


@dataclass
class Account:
    """Numbers from `start` on, which is where the room's log ended when the listener came."""

    start: int
    heard: int = 0
    """Different messages."""
    missing: set[int] = field(default_factory=set)
    last: int = 0
    """The highest number heard: a listener that comes back asks for what follows it."""

    def __post_init__(self) -> None:
        self.last = self.start

    def hear(self, number: int) -> Verdict:
        """Take one more message."""
        if number == self.last + 1:
            self.last = number
        elif number > self.last:
            self._skip(number)
        elif number in self.missing:
            self.missing.remove(number)
            self.heard += 1
            return "out of order"
        else:
            return "doubled"
        self.heard += 1
        return "in order"

    def expected(self, end: int) -> int:
        """How many messages the room has had since this listener came, if its log ends there."""
        return max(end, self.last) - self.start

    def lost(self, end: int) -> int:
        """How many of them never came."""
        return self.expected(end) - self.heard

    def _skip(self, number: int) -> None:
        first = max(self.last + 1, number - GAP_LIMIT)
        self.missing.update(range(first, number))
        self.last = number
