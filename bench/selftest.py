"""Does the bench find what was planted? `python -m bench.selftest`, on a quiet machine with the stack up.

What is certain is tested by `make test`. What is measured is here: a noisy machine makes it fail, and then it
has said something true about the machine. Each check prints what it saw.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Final

from bench import here
from bench.compare import compare, relative_pace
from bench.complaint import Complaint
from bench.cores import keep_apart, split
from bench.counts import fetch
from bench.load import Load
from bench.orders import Goal, Window
from bench.quota import limited
from bench.rounds import Plan, measured
from bench.run import measure
from bench.saturation import CLIENT_LIMITED, saturated
from bench.started import site_of, start
from bench.suites import LADDER, Candidate, Suite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from bench.hops import Hop
    from bench.site import Site

__all__ = ["main"]

PLAN: Final = Plan(rounds=5, rate=50, users=4, open_seconds=1.0, closed_seconds=0.5)

SHARE: Final = 0.3
"""Of the processor time that a hop uses when nothing limits it, for the one that is to be named."""

LEAST: Final = 0.01
"""Of a core: the kernel grants no smaller quota."""

RUNS: Final = 10
NAMED: Final = 9
"""Of ten runs, how many have to name it."""


def echo(name: str) -> Candidate:
    """An echo of a planted server."""
    return Candidate(name, name, "http", "echo", "a planted fault", path="/echo")


def planted(faults: dict[str, Sequence[str]], plan: Plan = PLAN) -> dict[str, Any]:
    """A run over servers with these faults, by name; its result."""
    suite = Suite("planted", "Planted", "", tuple(echo(name) for name in faults), ways=("direct",))
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(start("bench.planted", *words)) for name, words in faults.items()
        }
        return measure(suite, plan, site_of(servers)).as_json()


def cost(run: dict[str, Any], name: str) -> float:
    """µs of a candidate."""
    return float(next(each for each in run["entries"] if each["name"] == name)["cpu_us"]["service"]["median"])


def entry(run: dict[str, Any], name: str) -> dict[str, Any]:
    """By its name."""
    return dict(next(each for each in run["entries"] if each["name"] == name))


def processor() -> tuple[bool, str]:
    """5 ms of processor time and 5 ms of sleep."""
    run = planted({"plain": (), "busy": ("--busy", "5"), "sleepy": ("--sleep", "5")})
    added, slept = cost(run, "busy") - cost(run, "plain"), cost(run, "sleepy") - cost(run, "plain")
    later = entry(run, "sleepy")["open"]["latency"]["p50"] - entry(run, "plain")["open"]["latency"]["p50"]
    fine = abs(added / 5000 - 1) <= 0.1 and later > 4500 and slept < 500
    words = f"5 ms busy: {added:.0f} µs found; 5 ms asleep: {later:.0f} µs later"
    return fine, f"{words}, {slept:+.0f} µs of processor time"


def faults() -> tuple[bool, str]:
    """One reply in a thousand dropped, one in a thousand spoiled."""
    found, fine = [], True
    for fault in ("--drop", "--corrupt"):
        with start("bench.planted", fault, "1000") as server, Load(split().load) as load:
            load.open(Goal("http", *server.address, "echo", "/echo"), 4)
            outcome = load.run(Window(4.0))
        wanted = (outcome.sent + 4) // 1000
        fine = fine and outcome.failed == wanted and outcome.sent == outcome.ok + outcome.failed
        found.append(f"{fault[2:]}: {outcome.failed} of {outcome.sent:,} found, {wanted} planted")
    return fine, "; ".join(found)


def stall() -> tuple[bool, str]:
    """Everything stands still for 200 ms every 2 s."""
    with start("bench.planted", "--stall", "200", "--every", "2000") as server, Load(split().load) as load:
        load.open(Goal("http", *server.address, "echo", "/echo"), 4)
        opened, closed = load.run(Window(8.0, 250)), load.run(Window(8.0))
    high = [outcome.latency.percentile(0.999) / 1000 for outcome in (opened, closed)]
    at_99 = [outcome.latency.percentile(0.99) / 1000 for outcome in (opened, closed)]
    fine = 180 <= high[0] <= 260
    return (
        fine,
        f"p99.9 {high[0]:.0f} ms open, {high[1]:.1f} ms closed; p99 {at_99[0]:.0f} ms and {at_99[1]:.1f} ms",
    )


def hops() -> tuple[bool, str]:
    """Each hop in turn is limited to a fraction of a core, and has to be named."""
    site = here.find(os.environ)
    hello = LADDER.candidate("httpd-hello")
    room = Candidate("web-room", "web", "http", "hello", "", path="/rooms/selftest/messages?after=0&limit=1")
    room = replace(room, expected=content_of(site, room))
    tried = {"nginx": hello, "service": hello, "generator": hello, "redis": room}
    right = {
        role: sum(names(site, candidate, role) for _ in range(RUNS)) for role, candidate in tried.items()
    }
    return min(right.values()) >= NAMED, ", ".join(
        f"{role} {count} of {RUNS}" for role, count in right.items()
    )


def content_of(site: Site, candidate: Candidate) -> str:
    """What a page of the site says now: an empty room says the same each time."""
    return fetch(site.target(candidate.service, "direct").address, candidate.path)


def names(site: Site, candidate: Candidate, role: str) -> bool:
    """Is that hop named when it is limited?"""
    cores = split()
    with ExitStack() as stack:
        load = stack.enter_context(Load(cores.load))
        stations: dict[str, Hop] = {**site.hops_of(candidate, "nginx"), "generator": load.hop}
        stack.enter_context(keep_apart([pid for hop in site.hops.values() for pid in hop.pids], cores))
        load.open(site.goal(candidate, "nginx", 64), 16)
        free = measured(load, stations, Window(0.5)).use
        share = max(free[role].cores * SHARE, LEAST)
        accounts = stack.enter_context(limited(stations[role].pids, share))
        stations[role] = replace(stations[role], limits=(accounts,))
        use = measured(load, stations, Window(1.5)).use
    return saturated(use)[:1] == [role]


def wrk() -> tuple[bool, str]:
    """Our client and wrk, against the same server in turns."""
    users = 16
    ours: list[float] = []
    theirs: list[float] = []
    ceilings: list[float] = []
    cores = split()
    with ExitStack() as stack:
        load = stack.enter_context(Load(cores.load))
        server = stack.enter_context(start("httpd", "--listen", "127.0.0.1:0", "--model", "selector"))
        null = stack.enter_context(start("loadtests.null", "http"))
        stack.enter_context(keep_apart([server.pid, null.pid], cores))
        greeting = LADDER.candidate("httpd-hello").expected
        for _ in range(5):
            for goal, rates in ((server, ours), (null, ceilings)):
                load.open(Goal("http", *goal.address, "hello", "/hello", greeting), users)
                outcome = load.run(Window(1.5))
                rates.append(outcome.ok / outcome.seconds)
                load.let_go()
            theirs.append(wrk_rate(f"http://{server.address}/hello", users, cores.load))
    ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
    limited_by_us = median(ours) >= CLIENT_LIMITED * median(ceilings)
    words = f"ours {median(ours):,.0f}/s, wrk's {median(theirs):,.0f}/s, ratio {ratio:.2f}"
    ceiling = f"our ceiling {median(ceilings):,.0f}/s{', client-limited' if limited_by_us else ''}"
    return abs(ratio - 1) <= 0.1 or limited_by_us, f"{words}; {ceiling}"


def wrk_rate(address: str, users: int, cores: Sequence[int]) -> float:
    """Requests a second of wrk, on the generator's core."""
    pinned = ["taskset", "--cpu-list", ",".join(map(str, cores))] if cores else []
    words = [*pinned, "wrk", "-t1", f"-c{users}", "-d2", address]
    try:
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise Complaint("wrk does not run here: install it with the system's package manager") from None
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return float(found[1]) if found else 0.0


def twice() -> tuple[bool, str]:
    """The same thing twice, and with a fifth added."""
    one = planted({"it": ("--busy", "1")})
    more = 1 + 0.2 * cost(one, "it") / 1000
    again, slower = planted({"it": ("--busy", "1")}), planted({"it": ("--busy", f"{more:.4f}")})
    apart = cost(again, "it") / cost(one, "it") - 1
    seen = f"the same twice: {apart:+.1%}; a fifth added: {cost(slower, 'it') / cost(one, 'it') - 1:+.1%}"
    try:
        same, found = (real_costs(one, other) for other in (again, slower))
    except Complaint as complaint:
        return False, f"{seen}; but {complaint}"
    return abs(apart) <= 0.1 and (same, found) == (0, 1), f"{seen}; {same} and {found} called real"


def real_costs(one: dict[str, Any], other: dict[str, Any]) -> int:
    """How many differences of processor time are called real."""
    return sum(each.real and "processor" in each.what for each in compare(one, other))


def ladder_twice() -> tuple[bool, str]:
    """The ladder twice, eight minutes: at the same pace, no processor time is more than a tenth apart."""
    site = here.find(os.environ)
    one, again = (measure(LADDER, Plan(), site).as_json() for _ in range(2))
    pairs = zip(one["entries"], again["entries"], strict=True)
    pace = relative_pace(one, again)
    apart = [b["cpu_us"]["server"]["median"] * pace / a["cpu_us"]["server"]["median"] - 1 for a, b in pairs]
    worst = max(apart, key=abs)
    books = [
        check["passed"]
        for run in (one, again)
        for check in run["audit"]["checks"]
        if "count" in check["name"]
    ]
    real = (
        sum(each.real for each in compare(one, again))
        if one["audit"]["passed"] and again["audit"]["passed"]
        else None
    )
    return abs(worst) <= 0.1 and all(books) and real == 0, (
        f"{worst:+.1%} at most, the second at {pace:.0%} of the first's pace; "
        f"counts {'agree' if all(books) else 'differ'}; "
        f"{'an audit failed, so not compared' if real is None else f'{real} differences called real'}"
    )


CHECKS: Final[tuple[Callable[[], tuple[bool, str]], ...]] = (
    processor, faults, stall, wrk, twice, hops, ladder_twice,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all checks, or those that are named; 0 if all find what was planted."""
    known = {check.__name__: check for check in CHECKS}
    parser = argparse.ArgumentParser(
        prog="python -m bench.selftest", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=", ".join(known))
    chosen = parser.parse_args(arguments).checks or list(known)
    wrong = 0
    for name in chosen:
        if name not in known:
            parser.error(f"there is no check {name}: choose of {', '.join(known)}")
        try:
            fine, words = known[name]()
        except Complaint as complaint:
            fine, words = False, str(complaint)
        wrong += not fine
        sys.stdout.write(f"{'found ' if fine else 'MISSED'}  {name:14}{words}\n")
        sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
