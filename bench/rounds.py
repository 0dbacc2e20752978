"""The measurement itself: candidates take turns, A B C A B C, so that a noisy spell meets all alike.

A turn opens connections, makes one checked exchange over each, measures at the fixed rate, then in a closed
loop, and compares what was sent with what the services have counted meanwhile.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.awake import ASLEEP
from bench.complaint import Complaint
from bench.hops import OTHERS, Use, machine_busy
from bench.load import Refused
from bench.orders import Outcome, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.awake import Awake
    from bench.hops import Hop
    from bench.load import Load
    from bench.progress import Progress
    from bench.site import Site
    from bench.suites import Candidate, Suite, Via

__all__ = [
    "Books",
    "Contender",
    "Measured",
    "Plan",
    "Turn",
    "contenders",
    "measured",
    "preflight",
    "take_turn",
]

TRIAL: Final = 0.4
"""Seconds at the fixed rate before anything counts: warms up, and shows a rate that can't be offered."""

TRIALS: Final = (TRIAL, 2 * TRIAL, 4 * TRIAL, 4 * TRIAL)
"""Trials that may fail before a rate is called too high: one can meet a noisy moment, which matters less to a
longer one."""

OFFERED: Final = 0.9
"""The part of the rate that a rung has to answer in a trial."""

BUSY: Final = 0.9
"""The part of the time for which a generator that is the limit uses its core."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of what."""

    rounds: int = 5
    rate: float = 500.0
    users: int = 16
    payload: int = 64
    open_seconds: float = 1.8
    closed_seconds: float = 1.1

    @property
    def turn_seconds(self) -> float:
        """About how long a turn takes, with what is around the windows."""
        return self.open_seconds + self.closed_seconds + 0.1


@dataclass(frozen=True, slots=True)
class Contender:
    """A candidate by one way."""

    candidate: Candidate
    via: Via

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.candidate.title} ({self.via})"

    def fan(self, plan: Plan) -> int:
        """How many are counted for each that is due: a message in a room is heard by every listener."""
        return plan.users if self.candidate.protocol == "room" else 1


@dataclass(frozen=True, slots=True)
class Books:
    """Requests of a turn: ours, and what the other side says. None where nobody counts."""

    client: int
    server: int | None
    nginx: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one turn."""

    open: Outcome
    closed: Outcome
    open_use: Mapping[str, Use]
    """By role: service, nginx, redis, generator."""
    closed_use: Mapping[str, Use]
    memory: Mapping[str, int]
    books: Books
    due: int
    """Arrivals of the open loop."""
    users: int
    pace: float | None = None
    """How fast the stack's cores were at the fixed rate; None where nobody kept them awake."""


def contenders(suite: Suite) -> list[Contender]:
    """In the order in which they take turns."""
    return [Contender(candidate, via) for candidate in suite.candidates for via in suite.ways]


def preflight(site: Site, load: Load, suite: Suite, plan: Plan, progress: Progress) -> None:
    """Every contender gives the right bytes back, and takes the fixed rate. Raises Complaint."""
    for contender in contenders(suite):
        progress.show(f"checking {contender.title}")
        goal = site.goal(contender.candidate, contender.via, plan.payload)
        try:
            load.open(goal, plan.users)
        except Refused as refused:
            raise Complaint(f"{contender.title} is not well, so nothing was measured: {refused}") from None
        complaint = ""
        for seconds in TRIALS:
            trial = Window(seconds, plan.rate)
            if not (complaint := why_not_offered(contender, trial, load.run(trial), contender.fan(plan))):
                break
        load.let_go()
        if complaint:
            raise Complaint(complaint)
        progress.advance(TRIAL + 0.1)


def why_not_offered(contender: Contender, trial: Window, outcome: Outcome, fan: int) -> str:
    """In a sentence, what keeps a rung from the fixed rate; empty if nothing does."""
    if outcome.failed or outcome.refused:
        reason = next(iter(outcome.failures), "no reason given")
        return f"{contender.title} is not well, so nothing was measured: {reason}"
    # A poller hears what was posted last only at its next question.
    spent = trial.seconds if fan > 1 else max(outcome.seconds, trial.seconds)
    reached = outcome.ok / fan / spent
    if reached >= OFFERED * trial.rate:
        return ""
    whose = "the load generator" if outcome.processor > BUSY * outcome.seconds else contender.title
    return (
        f"{trial.rate:g} requests/s can't be offered: {whose} does {reached:.0f} at most. "
        f"Set RATE to {max(int(reached * 0.6), 1)} or less"
    )


@dataclass
class Ledger:
    """The other side's counts before and after."""

    site: Site
    contender: Contender
    since: float = field(default_factory=time.time)
    before: dict[str, int | None] = field(init=False)

    def __post_init__(self) -> None:
        self.before = self._ask()

    def _ask(self) -> dict[str, int | None]:
        if self.contender.candidate.protocol == "room":
            return {}  # whoever listens is told, and does not ask
        names = [self.contender.candidate.service]
        # nginx counts HTTP requests. A WebSocket is one, whatever goes over it, and TCP is none.
        if self.contender.via == "nginx" and self.contender.candidate.protocol == "http":
            names.append("nginx")
        return {name: self.site.counters[name].ask() for name in names if name in self.site.counters}

    def close(self, sent: int) -> Books:
        """Compare with what was sent; what others who are known may have asked is taken off."""
        after = self._ask()
        found: dict[str, int | None] = {}
        for name, count in after.items():
            start = self.before[name]
            if count is None or start is None:
                continue
            seen = count - start - self.site.counters[name].question
            if seen > sent and seen - sent <= self.site.others(name, self.since, time.time()):
                seen = sent
            found[name] = seen
        return Books(sent, found.get(self.contender.candidate.service), found.get("nginx"))


def take_turn(site: Site, load: Load, contender: Contender, plan: Plan, awake: Awake = ASLEEP) -> Turn:
    """One turn. Raises Complaint when the contender is no longer well."""
    goal = site.goal(contender.candidate, contender.via, plan.payload)
    hops = {**site.hops_of(contender.candidate, contender.via), "generator": load.hop}
    try:
        load.open(goal, plan.users)
    except Refused as refused:
        raise Complaint(f"{contender.title} is not well any more: {refused}") from None
    ledger = Ledger(site, contender)
    opened, open_use, pace = measured(load, hops, Window(plan.open_seconds, plan.rate), awake)
    closed, closed_use = Outcome(), open_use
    if plan.closed_seconds:
        closed, closed_use, _ = measured(load, hops, Window(plan.closed_seconds))
    books = ledger.close(opened.sent + closed.sent)
    memory = {role: hop.memory for role, hop in hops.items()}
    load.let_go()
    gone = [role for role, hop in hops.items() if not hop.lives]
    if gone:
        raise Complaint(f"{contender.title}: a process of the {gone[0]} has ended meanwhile; see `make logs`")
    due = int(plan.rate * plan.open_seconds) * contender.fan(plan)
    return Turn(opened, closed, open_use, closed_use, memory, books, due, plan.users, pace)


class Measured(NamedTuple):
    """What came of one window."""

    outcome: Outcome
    use: dict[str, Use]
    """By role; and, under `others`, the rest of the machine."""
    pace: float | None
    """Of those cores on which somebody was awake."""


def measured(load: Load, hops: Mapping[str, Hop], window: Window, awake: Awake = ASLEEP) -> Measured:
    """One window, and what each hop used in it."""
    with awake.at_work():
        began, elsewhere, beat = time.monotonic(), machine_busy(), awake.read()
        before = {role: hop.read() for role, hop in hops.items()}
        outcome = load.run(window)
        use = {role: before[role].until(hop.read()) for role, hop in hops.items()}
        idled = beat.until(awake.read())
        # Whoever else had a core is none of the hops, but has to be known.
        others = machine_busy() - elsewhere - idled.processor - sum(each.processor for each in use.values())
        rest = Use(time.monotonic() - began, max(others, 0.0), 0.0)
    return Measured(outcome, {**use, OTHERS: rest}, idled.pace)
