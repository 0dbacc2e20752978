"""A quick run of a suite with very many contenders: all candidates, over fewer numbers of connections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bench.contend import MANY
from bench.contest import entrants
from bench.report.words import amount, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comparisons.table import Comparison, Exchange

__all__ = ["quicker"]

MOST: Final = 256
"""To open more connections than that takes longer than the windows of a quick run are open."""

REASON: Final = "a quick run leaves it out: without QUICK=1 it is measured"


def quicker(suite: Comparison) -> Comparison:
    """The suite as a quick run measures it; it says itself what it leaves out."""
    if len(entrants(suite, suite.candidates)) <= MANY:
        return suite
    without: dict[str, dict[int, None]] = {}
    for candidate in suite.candidates:
        for exchange in suite.exchanges_of(candidate):
            points = exchange.connections or suite.connections
            missing = dict.fromkeys(each for each in points if each not in ends(points))
            without.setdefault(exchange.title, {}).update(missing)
    return replace(
        suite,
        candidates=tuple(
            replace(each, exchanges=tuple(at_ends(suite, one) for one in suite.exchanges_of(each)))
            for each in suite.candidates
        ),
        unasked={
            f"{title} over {listed([amount(each) for each in sorted(points)])} connections": REASON
            for title, points in without.items()
            if points
        },
    )


def at_ends(suite: Comparison, exchange: Exchange) -> Exchange:
    """The exchange with the points that are left."""
    return replace(exchange, connections=ends(exchange.connections or suite.connections))


def ends(points: Sequence[int]) -> tuple[int, ...]:
    """The fewest connections, and the most that are quickly opened: two make a line."""
    cheap = [each for each in points if each <= MOST] or points[:1]
    return tuple(dict.fromkeys((cheap[0], cheap[-1])))
