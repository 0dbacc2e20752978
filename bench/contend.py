"""One run of a comparison: install, start, check, measure round by round, and end everything."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bench.ceilings import null_servers
from bench.complaint import Complaint
from bench.contest import Contest, entrants
from bench.cores import keep_apart, split, together
from bench.hops import Hop, machine_busy, tree
from bench.load import PATIENCE, Load, Refused
from bench.orders import NO_REPLY, Outcome, Window
from bench.progress import Progress
from bench.rounds import Books, Plan, Turn, measured
from comparisons.arena import Arena
from comparisons.conformance import check_http, check_ws
from comparisons.place import LeftOut

if TYPE_CHECKING:
    from bench.ceilings import Nulls
    from bench.contest import Entrant
    from bench.load import Served
    from bench.site import Site
    from bench.suites import Protocol
    from comparisons.place import Place
    from comparisons.table import Comparison

__all__ = ["contend", "plan_for"]

WARM: Final = 0.2
"""Seconds of load before anything counts."""

AROUND: Final = 0.3
"""Seconds that a turn takes beside its windows."""

IMPORTS: Final = 20.0
"""Seconds from the first connection to the first reply."""

QUICK_ROUNDS: Final = 2

MANY: Final = 60
"""Contenders of whom a quick run makes one round only."""

PER_USER: Final = 0.0005
"""Seconds of the closed loop for each connection, at least: a thousand take a while to have their turns."""

QUICK_PATIENCE: Final = 1.5
"""Likewise in a run that leaves out what has very many connections: the kernel's first try again to connect,
after a second, is waited for, its second one is not.
"""

NO_REDIS: Final = "it needs the stack's Redis, and the stack is not up: `make up` before"

QUICK: Final = 0.2
"""The part of the time that a quick run takes."""


def plan_for(suite: Comparison, *, quick: bool, rounds: int, rate: float, users: int, payload: int) -> Plan:
    """The suite's own, but for what is asked for; 0 is nothing asked."""
    part = QUICK if quick else 1.0
    many = len(entrants(suite, suite.candidates)) > MANY
    usual = min(suite.rounds, 1 if many else QUICK_ROUNDS) if quick else suite.rounds
    return Plan(
        rounds or usual, rate or suite.rate, users or suite.connections[0], payload,
        suite.open_seconds * part, suite.closed_seconds * part,
    )  # fmt: skip


def expected_seconds(suite: Comparison, plan: Plan, *, quick: bool) -> float:
    """About how long it takes when all is installed."""
    if suite.measure is not None:
        return suite.seconds * (QUICK if quick else 1.0)
    field = entrants(suite, suite.candidates)
    kinds = {(each.exchange.protocol, each.users) for each in field}
    turns = sum(turn_seconds(each, plan) for each in field)
    turns += sum(max(plan.closed_seconds, users * PER_USER) for _, users in kinds)
    return len(field) * (WARM + AROUND) + plan.rounds * turns


def turn_seconds(entrant: Entrant, plan: Plan) -> float:
    """About how long a turn takes."""
    return plan.open_seconds + max(plan.closed_seconds, entrant.users * PER_USER) + AROUND


def contend(
    suite: Comparison,
    plan: Plan,
    place: Place,
    *,
    stack: Site | None = None,
    quick: bool = False,
    progress: Progress | None = None,
) -> Contest:
    """Measure. Ctrl-C ends it after the last whole round; all that was started is ended in any case.

    Raises Complaint when there is nothing that can be measured.
    """
    progress = progress or Progress(expected_seconds(suite, plan, quick=quick))
    contest = Contest(suite, plan, place, quick, stack)
    cores = split()
    with ExitStack() as exits:
        exits.callback(progress.end)
        exits.callback(place.down)
        bring_up(contest, progress)
        field = entrants(suite, [each for each in suite.candidates if each.name in contest.up.running])
        load = exits.enter_context(Load(cores.load))
        nulls = exits.enter_context(
            null_servers([protocol for protocol in dict.fromkeys(each.exchange.protocol for each in field)
                          if protocol != "room"])
        )  # fmt: skip
        everybody = [*contest.up.running.values(), *contest.fronts.values()]
        pids = [pid for each in everybody for pid in each.hop().pids]
        contest.pinned = exits.enter_context(keep_apart([*pids, *nulls.pids], cores))
        try:
            conform(contest, progress)
            if suite.measure is None:
                preflight(contest, load, field, progress)
                for number in range(plan.rounds):
                    one_round(contest, load, nulls, number, progress)
            else:
                arena = Arena(
                    [each for each in suite.candidates if each.name in contest.up.running],
                    contest.up.running, load, plan, progress, quick,
                )  # fmt: skip
                began, busy, ours = time.monotonic(), machine_busy(), used(contest, load)
                contest.findings = suite.measure(arena)
                others = machine_busy() - busy - (used(contest, load) - ours)
                contest.elsewhere = max(others, 0.0) / (time.monotonic() - began)
        except KeyboardInterrupt:
            contest.stopped = f"interrupted after {contest.rounds} of {plan.rounds} rounds, which are kept"
    if (not contest.rounds and suite.measure is None) or (contest.stopped and suite.measure):
        raise Complaint(
            "interrupted before the first round was whole: nothing is kept"
            if contest.stopped
            else "no candidate could be measured: " + "; ".join(reasons(contest))
        )
    return contest


def used(contest: Contest, load: Load) -> float:
    """Seconds of processor time of everybody who takes part, and of who asks them."""
    everybody = (
        *(each.hop() for each in contest.up.running.values()),
        load.hop,
        Hop("bench", tree(os.getpid())),
    )
    return sum({pid: spent for each in everybody for pid, spent in each.read().processor.items()}.values())


def reasons(contest: Contest) -> list[str]:
    """Why nobody is left."""
    return [
        *(f"{name}: {reason}" for name, reason in contest.up.left_out.items()),
        *(f"{each.title}: {reason}" for each, reason in contest.unwell.items()),
    ]


def bring_up(contest: Contest, progress: Progress) -> None:
    """Everybody who can be, and the ways to them."""
    able = [
        each for each in contest.suite.candidates if contest.stack is not None or "redis" not in each.needs
    ]
    contest.up = contest.place.up(able, progress.show)
    contest.up.left_out.update({each.name: NO_REDIS for each in contest.suite.candidates if each not in able})
    for way in contest.suite.ways:
        progress.show(f"starting {way.name}")
        reached = [
            (candidate, protocol)
            for candidate in contest.suite.candidates
            if candidate.name in contest.up.running
            for protocol in {each.protocol for each in contest.suite.exchanges_of(candidate)}
            & {*way.protocols}
        ]
        behind = [
            contest.place.behind(contest.up.running[candidate.name], protocol, number)
            for number, (candidate, protocol) in enumerate(reached)
        ]
        try:
            if behind:
                contest.fronts[way.name] = contest.place.front(way, behind)
        except LeftOut as reason:
            contest.up.left_out[way.name] = str(reason)


def conform(contest: Contest, progress: Progress) -> None:
    """Ask each the malformed requests, before anything is timed."""
    if not contest.suite.conformance:
        return
    for candidate in contest.suite.candidates:
        if candidate.name not in contest.up.running:
            continue
        address = contest.up.running[candidate.name].address
        exchanges = contest.suite.exchanges_of(candidate)
        for protocol in ("http", "ws"):
            first = next((each for each in exchanges if each.protocol == protocol), None)
            if first is None:
                continue
            progress.show(f"is {candidate.name} correct?")
            verdict = (
                check_http(address, path=first.path) if protocol == "http" else check_ws(address, first.path)
            )
            contest.conformance.setdefault(candidate.name, {})[protocol] = {
                "passed": verdict.passed,
                "total": verdict.total,
                "failures": [list(failure) for failure in verdict.failures],
            }


def preflight(contest: Contest, load: Load, field: list[Entrant], progress: Progress) -> None:
    """How many connections does each serve, with the right bytes? Warms up, too."""
    awake: set[str] = set()
    for entrant in field:
        if entrant.way and entrant.via not in contest.fronts:
            continue
        progress.show(f"checking {entrant.title}")
        if (
            entrant.candidate.name not in awake
        ):  # many listen a while before they have imported what they serve
            awake.add(entrant.candidate.name)
            if load.open_some(contest.goal(entrant), 1, patience=IMPORTS).count:
                load.let_go()
        served = open_some(contest, load, entrant)
        if served.wrong:
            contest.wrong.add(entrant)
        if not served.count:
            contest.give_up(entrant, served.reason)
            continue
        contest.standing[entrant] = served
        load.run(Window(WARM, min(contest.rate(entrant), 100.0)))
        load.let_go()
        progress.advance(WARM + AROUND)


def open_some(contest: Contest, load: Load, entrant: Entrant, enough: int = 0) -> Served:
    """Connect; a second time if nobody gets a reply: a machine that is busy elsewhere starves all, once."""
    goal, patience = contest.goal(entrant), QUICK_PATIENCE if contest.suite.unasked else PATIENCE
    served = load.open_some(goal, entrant.users, enough=enough, patience=patience)
    if served.count or served.reason != NO_REPLY:
        return served
    again = load.open_some(goal, entrant.users, enough=enough, patience=patience)
    if again.count or again.reason != NO_REPLY:
        return again
    return replace(again, reasons={f"no reply to anybody within {patience:g} s, twice": entrant.users})


def one_round(contest: Contest, load: Load, nulls: Nulls, number: int, progress: Progress) -> None:
    """Every entrant's turn, and the ceilings'. All or nothing of it is added to the contest."""
    plan = contest.plan
    place = f"round {number + 1} of {plan.rounds}"
    field = [each for each in contest.standing if each not in contest.unwell]
    rates: dict[tuple[str, int], float] = {}
    kinds: list[tuple[Protocol, int]] = [(each.exchange.protocol, each.users) for each in field]
    for protocol, users in dict.fromkeys(kinds):
        if protocol in nulls.ports:
            progress.show(f"{place}: the client's ceiling, {protocol}, {users} connections")
            seconds = max(plan.closed_seconds, users * PER_USER)
            with suppress(Refused):  # a machine that is too busy for that marks nobody as client-limited
                rates[protocol, users] = nulls.rate(load, protocol, users, plan.payload, seconds)
            progress.advance(seconds)
    turns: dict[Entrant, Turn] = {}
    for entrant in field:
        progress.show(f"{place}: {entrant.title}")
        turn = take_turn(contest, load, entrant)
        if turn is not None:
            turns[entrant] = turn
        progress.advance(turn_seconds(entrant, plan))
    for kind, rate in rates.items():
        contest.ceilings.setdefault(kind, []).append(rate)
    for entrant, turn in turns.items():
        contest.turns.setdefault(entrant, []).append(turn)
        if turn.open.wrong or turn.closed.wrong:
            contest.wrong.add(entrant)
    contest.rounds += bool(turns)


def take_turn(contest: Contest, load: Load, entrant: Entrant) -> Turn | None:
    """One turn; None if it is no longer well."""
    plan, rate = contest.plan, contest.rate(entrant)
    enough = contest.standing[entrant].count
    served = open_some(contest, load, entrant, enough)
    if not served.count:
        contest.give_up(entrant, served.reason)
        return None
    hops = {**contest.hops(entrant), "generator": load.hop}
    with keep_apart(hops["service"].pids if entrant.exchange.everywhere else (), together()):
        opened, open_use, _ = measured(load, hops, Window(plan.open_seconds, rate))
        closed, closed_use = Outcome(), open_use
        if entrant.exchange.protocol != "room":
            seconds = max(plan.closed_seconds, served.count * PER_USER)
            closed, closed_use, _ = measured(load, hops, Window(seconds))
    memory = {role: hop.memory for role, hop in hops.items()}
    load.let_go()
    if not opened.sent:
        contest.give_up(entrant, "nothing could be sent to it")
        return None
    due = int(rate * plan.open_seconds) * (served.count if entrant.exchange.protocol == "room" else 1)
    books = Books(opened.sent + closed.sent, None, None)
    return Turn(opened, closed, open_use, closed_use, memory, books, due, served.count)
