"""Two runs side by side: what differs, as far as their intervals tell, and what must not be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.results.result import Entry, Figure, Result

__all__ = ["Pair", "obstacles", "pairs"]

#: The settings that make a run another measurement.
DECISIVE = ("payload", "rate", "users")


@dataclass(frozen=True)
class Pair:
    """The same thing, measured twice."""

    entry: Entry
    one: Figure | None
    other: Figure | None

    @property
    def change(self) -> float | None:
        """How much the second is above the first, in per cent."""
        if self.one is None or self.other is None or not self.one.median:
            return None
        return (self.other.median / self.one.median - 1) * 100

    @property
    def apart(self) -> bool:
        """Whether the two intervals leave a gap: only then is there a difference to speak of."""
        if self.one is None or self.other is None:
            return False
        return self.one.high < self.other.low or self.other.high < self.one.low


def pairs(one: Result, other: Result) -> list[Pair]:
    """Return what both have measured, with its cost in each."""
    others = {(entry.name, entry.via): entry for entry in other.entries}
    return [
        Pair(entry, entry.cost, others[entry.name, entry.via].cost)
        for entry in one.entries
        if (entry.name, entry.via) in others
    ]


def obstacles(one: Result, other: Result) -> list[str]:
    """Return why these two can't be compared: a sentence for each reason."""
    unlike = [
        ("suite", one.suite, other.suite),
        ("mode", one.mode, other.mode),
        ("processor", one.machine.get("processor"), other.machine.get("processor")),
        ("number of cores", one.machine.get("cores"), other.machine.get("cores")),
        *((name, setting(one.settings, name), setting(other.settings, name)) for name in DECISIVE),
    ]
    return [
        f"The {what} is not the same: {first} and {second}."
        for what, first, second in unlike
        if first != second
    ]


def setting(settings: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 (whatever the bench has written)
    return settings.get(name)
