"""Times in microseconds, in groups that are narrow where times are short: a high-dynamic-range histogram.

Up to 255 µs each microsecond has a group of its own; above, each doubling is divided into 128. A time that is
read back differs from what was put in by at most 0.4 %, from a microsecond to hours, in a few hundred
numbers. Histograms add up exactly, so that those of several workers are one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Histogram", "Summary", "group", "middle"]

BITS: Final = 7
"""A doubling has 2 ** BITS groups."""


def group(microseconds: int) -> int:
    """The number of the group that a time belongs to."""
    shift = microseconds.bit_length() - BITS - 1
    return microseconds if shift <= 0 else (shift << BITS) + (microseconds >> shift)


def middle(number: int) -> float:
    """The time in the middle of a group."""
    shift = (number >> BITS) - 1
    if shift <= 0:
        return float(number)
    low = ((number & (1 << BITS) - 1) + (1 << BITS)) << shift
    return low + ((1 << shift) - 1) / 2


TABLED: Final = 32768
GROUPS: Final = tuple(group(microseconds) for microseconds in range(TABLED))
"""The groups of the times that most exchanges take. On a busy machine hardly two take the same time."""


class Summary(NamedTuple):
    """What is shown of a histogram; times in microseconds."""

    counted: int
    mean: float
    p50: float
    p90: float
    p99: float
    p999: float
    longest: int


@dataclass
class Histogram:
    """How many exchanges took how long."""

    groups: dict[int, int] = field(default_factory=dict)
    count: int = 0
    total: int = 0
    """The sum of all times, which is exact."""
    longest: int = 0

    def add(self, counts: Mapping[int, int]) -> None:
        """Take counts by whole microseconds."""
        groups = self.groups
        for microseconds, count in counts.items():
            number = GROUPS[microseconds] if microseconds < TABLED else group(microseconds)
            groups[number] = groups.get(number, 0) + count
        self.count += sum(counts.values())
        self.total += sum(microseconds * count for microseconds, count in counts.items())
        self.longest = max(self.longest, *counts) if counts else self.longest

    def merge(self, other: Histogram) -> None:
        """Take what another has."""
        for number, count in other.groups.items():
            self.groups[number] = self.groups.get(number, 0) + count
        self.count += other.count
        self.total += other.total
        self.longest = max(self.longest, other.longest)

    def percentile(self, part: float) -> float:
        """The time within which that part, 0 to 1, of the exchanges ended; 0 if there were none."""
        wanted = self.count * part
        for number in sorted(self.groups):
            wanted -= self.groups[number]
            if wanted <= 0:
                # The middle of the last group may lie above the longest time, which is known exactly.
                return min(middle(number), self.longest)
        return float(self.longest)

    def summary(self) -> Summary:
        """The usual figures."""
        p50, p90, p99, p999 = (round(self.percentile(part), 1) for part in (0.5, 0.9, 0.99, 0.999))
        mean = round(self.total / self.count, 2) if self.count else 0.0
        return Summary(self.count, mean, p50, p90, p99, p999, self.longest)

    def pack(self) -> list[tuple[int, int]]:
        """For the way to another process: pairs of numbers."""
        return [(self.total, self.longest), *sorted(self.groups.items())]

    @classmethod
    def unpack(cls, packed: Sequence[tuple[int, int]]) -> Self:
        """The other way."""
        (total, longest), *pairs = packed
        return cls(dict(pairs), sum(count for _, count in pairs), total, longest)
