"""One run of a suite, from the first check to the folder in results/."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench import result
from bench.audit import FAULTS, audit, late
from bench.awake import keep_awake
from bench.ceilings import null_servers
from bench.complaint import Complaint
from bench.cores import keep_apart, split
from bench.figures import Figure
from bench.hops import OTHERS
from bench.load import Load
from bench.progress import Progress
from bench.rounds import TRIAL, contenders, preflight, take_turn
from bench.versions import machine

if TYPE_CHECKING:
    from bench.awake import Awake
    from bench.ceilings import Nulls
    from bench.rounds import Contender, Plan, Turn
    from bench.site import Site
    from bench.suites import Protocol, Suite

__all__ = ["Run", "measure"]

AGAIN: Final = 2
"""How often a turn is taken again in which the generator, on a core of its own, was held up: by somebody else
on the machine, or under it. Such a turn tells of him, and nothing of the server. The last one stands."""


@dataclass
class Run:
    """What is measured so far: whole rounds only."""

    suite: Suite
    plan: Plan
    site: Site
    quick: bool = False
    pinned: bool = False
    stopped: str = ""
    began: float = field(default_factory=time.time)
    turns: dict[Contender, list[Turn]] = field(default_factory=dict)
    again: int = 0
    """Turns that were taken again."""
    ceilings: dict[str, list[float]] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """How many are finished."""
        return min((len(turns) for turns in self.turns.values()), default=0)

    @property
    def others(self) -> float:
        """Cores that everybody else on the machine kept busy meanwhile, in the median turn."""
        return median(turn.open_use[OTHERS].cores for turns in self.turns.values() for turn in turns)

    @property
    def pace(self) -> dict[str, float] | None:
        """How fast the stack's cores were: in the median window, the slowest and the fastest; None if nobody
        kept them awake.
        """
        paces = [turn.pace for turns in self.turns.values() for turn in turns if turn.pace]
        if not paces:
            return None
        return {"median": round(median(paces)), "low": round(min(paces)), "high": round(max(paces))}

    def as_json(self) -> dict[str, Any]:
        """As result.json has it."""
        ceilings = {name: Figure.of(rates) for name, rates in self.ceilings.items()}
        checks = [check.as_json() for check in audit(self.turns)]
        return {
            "schema": result.SCHEMA,
            "title": self.suite.title,
            "suite": self.suite.name,
            "question": self.suite.question,
            "unit": self.suite.unit,
            "started": datetime.fromtimestamp(self.began, UTC).isoformat(timespec="seconds"),
            "seconds": round(time.time() - self.began, 1),
            "complete": not self.stopped,
            "stopped": self.stopped,
            "quick": self.quick,
            "settings": asdict(self.plan),
            "machine": machine(),
            **self.site.facts(),
            "pinned": self.pinned,
            "others": round(self.others, 3),
            "pace": self.pace,
            "taken_again": self.again,
            "audit": {"passed": all(check["passed"] for check in checks), "checks": checks},
            "ceilings": {name: figure.as_json() for name, figure in ceilings.items()},
            "entries": [
                result.entry(contender, turns, self.plan.rate, ceilings)
                for contender, turns in self.turns.items()
            ],
        }


def expected_seconds(suite: Suite, plan: Plan) -> float:
    """About how long it takes."""
    protocols = ceiling_protocols(suite)
    turns = len(contenders(suite)) * plan.turn_seconds + len(protocols) * (plan.closed_seconds + 0.1)
    return len(contenders(suite)) * (TRIAL + 0.1) + plan.rounds * turns


def ceiling_protocols(suite: Suite) -> list[Protocol]:
    """Those that have a null server: a room has none."""
    return [each for each in dict.fromkeys(one.protocol for one in suite.candidates) if each != "room"]


def measure(
    suite: Suite, plan: Plan, site: Site, *, quick: bool = False, progress: Progress | None = None
) -> Run:
    """Measure. Ctrl-C ends it after the last whole round; before the first is whole there is nothing to keep.

    Raises Complaint when something is wrong with the stack or the settings.
    """
    progress = progress or Progress(expected_seconds(suite, plan))
    run = Run(suite, plan, site, quick)
    cores = split()
    with ExitStack() as stack:
        stack.callback(progress.end)
        load = stack.enter_context(Load(cores.load))
        nulls = stack.enter_context(null_servers(ceiling_protocols(suite)))
        pids = [pid for hop in site.hops.values() for pid in hop.pids]
        run.pinned = stack.enter_context(keep_apart(pids, cores))
        stack.enter_context(keep_apart(nulls.pids, cores))
        # Of several cores the kernel chooses, and a pace of all of them is that of none.
        awake = stack.enter_context(keep_awake(cores.stack if run.pinned and len(cores.stack) == 1 else ()))
        try:
            preflight(site, load, suite, plan, progress)
            for number in range(plan.rounds):
                one_round(run, Instruments(load, nulls, awake), number, progress)
        except KeyboardInterrupt:
            run.stopped = f"interrupted after {run.rounds} of {plan.rounds} rounds, which are kept"
    if not run.rounds:
        raise Complaint("interrupted before the first round was whole: nothing is kept")
    return run


class Instruments(NamedTuple):
    """What is there all the while."""

    load: Load
    nulls: Nulls
    awake: Awake


def undisturbed(run: Run, using: Instruments, contender: Contender) -> tuple[Turn, int]:
    """A turn, and how many were thrown away before it, as the generator was held up. One in which anything
    else was wrong stands: that is a finding.
    """
    for again in range(AGAIN):
        turn = take_turn(run.site, using.load, contender, run.plan, using.awake)
        faults = [check for check in audit({contender: [turn]}, FAULTS) if check.wrong]
        if faults or not late(turn) or not run.pinned:
            return turn, again
    return take_turn(run.site, using.load, contender, run.plan, using.awake), AGAIN


def one_round(run: Run, using: Instruments, number: int, progress: Progress) -> None:
    """Every contender's turn, and the ceilings'. All or nothing of it is added to the run."""
    place = f"round {number + 1} of {run.plan.rounds}"
    rates: dict[Protocol, float] = {}
    turns: dict[Contender, Turn] = {}
    again = 0
    for protocol in using.nulls.ports:
        progress.show(f"{place}: the client's ceiling, {protocol}")
        rates[protocol] = using.nulls.rate(
            using.load, protocol, run.plan.users, run.plan.payload, run.plan.closed_seconds
        )
        progress.advance(run.plan.closed_seconds + 0.1)
    for contender in contenders(run.suite):
        progress.show(f"{place}: {contender.title}")
        turns[contender], more = undisturbed(run, using, contender)
        again += more
        progress.advance(run.plan.turn_seconds)
    run.again += again
    for protocol, rate in rates.items():
        run.ceilings.setdefault(protocol, []).append(rate)
    for contender, turn in turns.items():
        run.turns.setdefault(contender, []).append(turn)
