"""What a suite of another kind has to measure with: the candidates that are up, and the load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.hops import Hop
    from bench.load import Load
    from bench.progress import Progress
    from bench.rounds import Plan
    from comparisons.place import Running
    from comparisons.table import Candidate
    from loadtests.addresses import Address

__all__ = ["Arena"]


@dataclass(frozen=True)
class Arena:
    """The field, while everything is up. The bench makes it and takes it down."""

    candidates: Sequence[Candidate]
    running: Mapping[str, Running]
    load: Load
    plan: Plan
    progress: Progress
    quick: bool

    def address(self, name: str) -> Address:
        """Where a candidate answers."""
        return self.running[name].address

    def hop(self, name: str) -> Hop:
        """Its processes by now."""
        return self.running[name].hop()
