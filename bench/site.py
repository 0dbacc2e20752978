"""The stack that is up, as the bench needs it: where each service answers, its processes, its own counts.

A site is made by `local.py` or `engine.py`, for the two ways in which a stack runs, and by tests and
the self-test for services that they have started themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bench.orders import Goal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.counts import Counter
    from bench.hops import Hop
    from bench.suites import Candidate, Via
    from loadtests.addresses import Target

__all__ = ["Site"]


def nothing_else(service: str, since: float, until: float) -> int:  # noqa: ARG001 - as Site.others has it
    """Nobody asks but us."""
    return 0


@dataclass(frozen=True)
class Site:
    """What a bench is run against."""

    mode: str
    target: Callable[[str, Via], Target]
    """Where a service answers, by which way."""
    hops: Mapping[str, Hop]
    """By name: the services', nginx's, Redis's."""
    counters: Mapping[str, Counter] = field(default_factory=dict)
    others: Callable[[str, float, float], int] = nothing_else
    """How many requests of somebody known a service may have had between two times of day: health checks."""
    stack: Mapping[str, str] = field(default_factory=dict)
    """The tunables that it was started with."""
    versions: Mapping[str, str] = field(default_factory=dict)
    road: str = "127.0.0.1"

    def goal(self, candidate: Candidate, via: Via, payload: int) -> Goal:
        """Where load for a candidate goes."""
        target = self.target(candidate.service, via)
        goal = Goal(
            candidate.protocol,
            *target.address,
            candidate.job,
            f"{target.prefix}{candidate.path}",
            candidate.expected,
            payload,
        )
        if candidate.protocol != "room":
            return goal
        log = self.target("web", via).address
        return replace(goal, log_host=log.host, log_port=log.port)

    def hops_of(self, candidate: Candidate, via: Via) -> dict[str, Hop]:
        """The stations of a request, by what they are for: the service, Redis, and nginx if it goes there."""
        names = {
            "service": candidate.process or candidate.service,
            "redis": "redis",
            **({"nginx": "nginx"} if via == "nginx" else {}),
        }
        if candidate.protocol == "room" and candidate.service != "web":
            names["web"] = "web"  # which takes the posts
        return {role: self.hops[name] for role, name in names.items() if name in self.hops}

    def facts(self) -> dict[str, Any]:
        """What a result says of it."""
        return {
            "mode": self.mode,
            "stack": dict(self.stack),
            "versions": dict(self.versions),
            "road": self.road,
        }
