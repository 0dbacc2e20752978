"""Figures of several rounds: a median, how sure it is, and whether two of them differ.

Five rounds are few. So nothing is assumed about how they are distributed: intervals come from resampling the
rounds themselves (Efron's bootstrap), and two sets are told apart by trying every way in which their rounds
could have been dealt (Fisher's exact permutation test). Both give the same answer every time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from math import comb
from random import Random
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Figure", "chance", "least_chance"]

CONFIDENCE: Final = 0.95

RESAMPLES: Final = 2000
"""Drawn where all possible ones would be more than this."""

ARRANGEMENTS: Final = 20_000
"""Tried where all possible ones would be more than this."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The rounds' values, their median, and the interval of that median."""

    median: float
    low: float
    high: float
    rounds: tuple[float, ...]

    @classmethod
    def of(cls, rounds: Sequence[float]) -> Self:
        """Make one of at least one value."""
        values = tuple(float(f"{value:.6g}") for value in rounds)
        low, high = interval(values)
        return cls(median(values), low, high, values)

    def as_json(self) -> dict[str, Any]:
        """As result.json has it."""
        return {"median": self.median, "low": self.low, "high": self.high, "rounds": list(self.rounds)}

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """The other way."""
        return cls(members["median"], members["low"], members["high"], tuple(members["rounds"]))


def interval(values: tuple[float, ...]) -> tuple[float, float]:
    """The bootstrap interval of the median."""
    medians = [median([values[index] for index in draw]) for draw in draws(len(values))]
    medians.sort()
    tail = (1 - CONFIDENCE) / 2
    last = len(medians) - 1
    return medians[round(last * tail)], medians[round(last * (1 - tail))]


@cache
def draws(count: int) -> tuple[tuple[int, ...], ...]:
    """So many of so many, with replacement: all of them, or enough; always the same ones."""
    if count**count <= 4000:
        return tuple(product(range(count), repeat=count))
    random = Random(count)  # noqa: S311 - no secret
    return tuple(tuple(random.choices(range(count), k=count)) for _ in range(RESAMPLES))


def chance(one: Sequence[float], other: Sequence[float]) -> float:
    """How likely rounds of the same thing fall apart at least so far, by their means; 1 is no sign of a
    difference.
    """
    pool = [*one, *other]
    found = abs(fmean(one) - fmean(other))
    enough = found - 1e-9 * (abs(found) + 1)  # what is equal but for its last bit is as far apart
    total, size = sum(pool), len(one)
    if comb(len(pool), size) <= ARRANGEMENTS:
        dealt = [sum(hand) for hand in combinations(pool, size)]
    else:
        random = Random(len(pool))  # noqa: S311 - no secret
        dealt = [sum(one), *(sum(random.sample(pool, size)) for _ in range(ARRANGEMENTS))]
    apart = sum(abs(part / size - (total - part) / len(other)) >= enough for part in dealt)
    return apart / len(dealt)


def least_chance(one: int, other: int) -> float:
    """The smallest that `chance` can say of so many rounds: what few rounds can't show at all."""
    return min(1.0, (2 if one == other else 1) / comb(one + other, one))
