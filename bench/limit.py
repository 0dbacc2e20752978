"""At which rate a rung breaks, what happens beyond, and how long it takes to come back.

A rate is *kept* when p99, counted from when each request was due, stays within the bound, nothing fails, and
nothing is left unsent. The highest rate that is kept is found by bisection, from half of the closed loop's
throughput on. Then the rung is offered more than that, and, at once after it, half of it: until its p99 is
within the bound again is the time that it needs to recover.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bench import output, words
from bench.complaint import Complaint
from bench.cores import keep_apart, split
from bench.load import Load, Refused
from bench.orders import Window
from bench.result import latency
from bench.suites import LADDER
from bench.versions import machine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from bench.orders import Outcome
    from bench.site import Site

__all__ = ["BOUND", "SCHEMA", "Probe", "bisect", "show"]

SCHEMA: Final = "layercake-limit/1"

BOUND: Final = 50.0
"""ms of p99: what people begin to notice."""

SECONDS: Final = 2.0
"""Of each probe. Long enough for p99 to stand on a hundred requests from 5,000 a second down to 50."""

CLOSE: Final = 1.05
"""The search ends when the rate that breaks is so near to the one that is kept."""

BEYOND: Final = (1.1, 1.25, 1.5, 2.0)
"""Times the limit that are tried beyond it."""

PATIENCE: Final = 30.0
"""Seconds that a rung may take to recover."""

SLICE: Final = 0.25
"""Seconds of each look at its recovery."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One rate that was tried."""

    rate: float
    outcome: Outcome
    due: int
    bound: float

    @property
    def p99(self) -> float:
        """ms."""
        return self.outcome.latency.percentile(0.99) / 1000

    @property
    def kept(self) -> bool:
        """Was it?"""
        return self.why == ""

    @property
    def why(self) -> str:
        """What broke."""
        lost = self.outcome.failed + self.outcome.refused
        if lost:
            return f"{lost:,} of {self.due:,} failed: {next(iter(self.outcome.failures), '')}"
        if self.outcome.missed:
            return f"{self.outcome.missed:,} of {self.due:,} were still unsent a second after they were due"
        return f"p99 above {self.bound:g} ms" if self.p99 > self.bound else ""

    @property
    def by_load(self) -> bool:
        """Had the generator no time left? Then what broke may be the generator."""
        return self.outcome.processor > 0.9 * self.outcome.seconds

    def as_json(self) -> dict[str, Any]:
        """For limit.json."""
        return {
            "rate": round(self.rate, 1), "due": self.due, "ok": self.outcome.ok,
            "failed": self.outcome.failed,
            "missed": self.outcome.missed, "kept": self.kept, "why": self.why,
            "latency": latency(self.outcome.latency),
        }  # fmt: skip

    def __str__(self) -> str:
        done = self.outcome.ok / max(self.outcome.seconds, 1e-9)
        return f"{self.rate:10,.0f}{done:12,.0f}{self.p99:11.1f} ms   {self.why or 'kept'}"


def bisect(probe: Callable[[float], Probe], highest: float) -> tuple[Probe, Probe]:
    """The highest rate that is kept and the lowest that breaks, next to each other. Raises Complaint when
    even a hundredth of the highest breaks.
    """

    def twice(rate: float) -> Probe:
        """A rate breaks a rung if it does so twice: one time may have been the machine."""
        first = probe(rate)
        return first if first.kept else probe(rate)

    good, bad = twice(highest / 2), None
    while not good.kept:
        bad = good
        if bad.rate < highest / 100:
            raise Complaint(f"even {bad.rate:.1f} requests/s break it ({bad.why}): is anything else running?")
        good = twice(bad.rate / 2)
    while bad is None:
        more = twice(good.rate * 1.5)
        good, bad = (more, None) if more.kept else (good, more)
    while bad.rate / good.rate > CLOSE:
        middle = twice((good.rate * bad.rate) ** 0.5)
        good, bad = (middle, bad) if middle.kept else (good, middle)
    return good, bad


def show(options: argparse.Namespace, site: Site, say: Callable[[str], None]) -> int:
    """Find the limit of a rung, print, and keep limit.json."""
    candidate = LADDER.candidate(options.rung)
    output.require_room(options.results)
    goal = site.goal(candidate, options.via, options.payload)
    cores = split()
    started = datetime.now(UTC)
    hops = site.hops_of(candidate, options.via)
    with Load(cores.load) as load, keep_apart([pid for hop in hops.values() for pid in hop.pids], cores):
        try:
            load.open(goal, options.users)
        except Refused as refused:
            raise Complaint(f"{candidate.title} ({options.via}) is not well: {refused}") from None

        tried: list[Probe] = []

        def probe(rate: float, seconds: float = SECONDS) -> Probe:
            found = Probe(rate, load.run(Window(seconds, rate)), int(rate * seconds), options.bound)
            if seconds == SECONDS:
                tried.append(found)
                say(str(found))
            return found

        closed = load.run(Window(1.0))
        highest = closed.ok / closed.seconds
        say(
            f"{candidate.title} ({options.via}): {highest:,.0f} requests/s "
            f"in a closed loop of {options.users}\n"
        )
        say(f"{'offered/s':>10}{'done/s':>12}{'p99':>14}")
        good, bad = bisect(probe, highest)
        say("\nbeyond the limit")
        beyond = [probe(good.rate * times) for times in BEYOND]
        recovered = recover(probe, good.rate / 2)
    say("")
    say(
        f"It keeps {good.rate:,.0f} requests/s with p99 within {options.bound:g} ms; "
        f"at {bad.rate:,.0f}: {bad.why}."
    )
    if bad.by_load:
        say("The load generator had no time left at that rate: the rung itself may do more.")
    say(
        f"After {BEYOND[-1]:g} times as much it was back within the bound in {words.seconds(recovered)}."
        if recovered is not None
        else f"After {BEYOND[-1]:g} times as much it was not back within the bound in {PATIENCE:g} s."
    )
    facts = {
        "schema": SCHEMA, "rung": candidate.name, "via": options.via, "bound_ms": options.bound,
        "started": started.isoformat(timespec="seconds"), "users": options.users, "payload": options.payload,
        "closed_throughput": round(highest, 1), "kept": good.as_json(), "breaks": bad.as_json(),
        "tried": [each.as_json() for each in tried],
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 1),
        "beyond": [each.as_json() for each in beyond], "recovered_seconds": recovered,
        "machine": machine(), **site.facts(),
    }  # fmt: skip
    say(f"\n{output.write_limit(options.results, facts)}")
    return 0


def recover(probe: Callable[[float, float], Probe], rate: float) -> float | None:
    """Seconds from the end of the overload until a slice is within the bound; None if that takes too long."""
    began = time.monotonic()
    while (since := time.monotonic() - began) < PATIENCE:
        if probe(rate, SLICE).kept:
            return round(since, 2)
    return None
