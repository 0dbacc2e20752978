"""Which hop was the limit."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from bench.hops import Use

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CLIENT_LIMITED", "saturated", "typical"]

BUSY: Final = 0.9
"""The part of the time for which a hop that is the limit wants a core. Between two requests it sleeps for a
moment even so, when the next one is still on its way."""

STOPPED: Final = 0.15
"""The part of the time that a quota stops a hop for it to be the limit. One that just touches its quota is
stopped for less."""

CLIENT_LIMITED: Final = 0.8
"""Of the client's ceiling. Above it the client's share of the time decides what is measured."""


def typical(uses: Sequence[Use]) -> Use:
    """The medians of several windows."""
    return Use(
        *(
            median(getattr(use, name) for use in uses)
            for name in ("seconds", "processor", "demand", "throttled")
        )
    )


def saturated(uses: Mapping[str, Use]) -> list[str]:
    """The hops that were the limit, the one with the longest wait for a core or a quota first.

    A quota that stopped a hop explains everything behind and before it, so that then no other is named.
    """
    stopped = [name for name, use in uses.items() if use.throttled >= STOPPED]
    if stopped:
        return sorted(stopped, key=lambda name: -uses[name].throttled)
    busy = [name for name, use in uses.items() if use.demand >= BUSY]
    return sorted(busy, key=lambda name: -uses[name].processor)
