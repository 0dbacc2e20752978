"""``make soak``: half of what the stack can do, on every service at once, for half an hour; nothing may grow,
and nothing may fail.

A stack of its own, everything through nginx: echoes over connections that stay, guests over new ones, and a
room by each way to listen. What the stack can do is measured first, with all of it at work at the same time:
that is what the machine gives each service while the others and the generators want their part.
"""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import versions
from bench.complaint import Complaint
from bench.load import Load
from bench.orders import Goal, Outcome, Window
from bench.suites import LADDER, PUSH, Candidate
from native import interrupts
from native.problem import Problem
from reliability.growth import Series
from reliability.guests import visit
from reliability.house import House, house
from reliability.places import PLACES, Place, through_nginx

__all__ = ["main"]

#: Where the report lies, if it is to be kept.
REPORT = Path(__file__).parents[1] / "docs" / "soak.md"

#: Between two looks, in seconds: one window of load.
APART = 10.0

#: Connections that an echo's users keep open; how many listen in each room, and how often somebody speaks.
USERS, LISTENERS, POSTS = 8, 10, 5.0

#: New connections a second for each service.
VISITS = 2.0

#: Of the time, what is left out of what is measured: caches and pools fill, rooms get their history.
WARM_UP = 1 / 6

#: Megabytes a minute by which a service may grow; and descriptors, which come and go with visitors.
SLOPE, DESCRIPTORS = 1.0, 8

ECHOES = ("tcp-echo", "httpd-echo", "httpd-wsgi-echo", "web-echo", "realtime-echo")


@dataclass(slots=True)
class Strand:
    """One kind of load: a generator of its own, and what has come of it."""

    candidate: Candidate
    load: Load
    part: float
    """Of what it can do."""
    rate: float = 0.0
    total: Outcome = field(default_factory=Outcome)

    @property
    def a_room(self) -> bool:
        """Does somebody speak and many listen?"""
        return self.candidate.protocol == "room"

    def capacity(self) -> None:
        """Find out how fast it goes with everything else at work, and take a part of it from now on."""
        found = self.load.run(Window(APART, POSTS if self.a_room else 0.0))
        self.rate = POSTS if self.a_room else max(found.ok / found.seconds * self.part, 1.0)

    def run(self) -> None:
        """One window."""
        self.total.add(self.load.run(Window(APART, self.rate)))

    @property
    def errors(self) -> int:
        """What did not come back as it should."""
        # What a room hears late is missing in one window and too much in the next.
        return max(self.total.failed, 0) + self.total.refused


class Soak:
    """The stack, its load, and what is seen of it every ten seconds."""

    def __init__(self, at: House, strands: Sequence[Strand]) -> None:
        self.house, self.strands = at, strands
        self.series = {name: Series() for name in at.site.hops}
        self.roots = {name: hop.pids[0] for name, hop in at.site.hops.items()}
        self.visits: dict[str, int] = {}
        self.failures: list[str] = []

    def run(self, minutes: float) -> None:
        """Load and look until the time is over."""
        begin, tell = time.monotonic(), 0.0
        with ThreadPoolExecutor(len(self.strands) + 1) as pool:
            list(pool.map(Strand.capacity, self.strands))
            while (passed := time.monotonic() - begin) < minutes * 60:
                windows = [pool.submit(strand.run) for strand in self.strands]
                pool.submit(self.guests).result()
                for window in windows:
                    window.result()
                self.look(passed)
                if passed >= tell:
                    self.say(passed)
                    tell = passed + 60

    def guests(self) -> None:
        """Those who come over new connections, to every service."""

        async def all_of_them() -> None:
            places = [through_nginx(self.house, service) for service in PLACES]
            visits = await asyncio.gather(*(self.visit(place) for place in places))
            for place, found in zip(places, visits, strict=True):
                self.visits[place.name] = self.visits.get(place.name, 0) + found

        asyncio.run(all_of_them())

    async def visit(self, place: Place) -> int:
        """Gives how many went well."""
        visits = await visit(place, APART - 1, VISITS)
        self.failures += [f"{place.name}: {failure}" for failure in visits.failures]
        return len(visits.seconds)

    def look(self, passed: float) -> None:
        """Memory and descriptors of every service."""
        for name, series in self.series.items():
            hop = self.house.hop(name)
            series.add(passed, hop.memory, sum(descriptors(pid) for pid in hop.pids))
            if hop.pids[0] != self.roots[name]:
                self.failures.append(f"{name} has been started again")
                self.roots[name] = hop.pids[0]

    def say(self, passed: float) -> None:
        """A line for whoever watches."""
        sizes = " ".join(f"{name} {each.memory[-1] / 1e6:.0f}" for name, each in self.series.items())
        say(f"{passed / 60:5.1f} min  MB: {sizes}  errors: {self.errors}")
        for line in self.reasons():
            say(f"           {line}")

    def reasons(self) -> list[str]:
        """What went wrong so far, and how often."""
        counts = Counter(self.failures)
        for strand in self.strands:
            for reason, count in strand.total.failures.items():
                counts[f"{strand.candidate.name}: {reason}"] += count
        return [f"{count} × {reason}" for reason, count in counts.most_common() if count > 0]

    @property
    def errors(self) -> int:
        """Of all that was asked, sent and posted."""
        return sum(strand.errors for strand in self.strands) + len(self.failures)

    def complaints(self) -> list[str]:
        """What was not as it should be."""
        found = []
        for name, series in self.series.items():
            if (slope := series.slope(WARM_UP)) > SLOPE * 1e6:
                found.append(f"{name} grew by {slope / 1e6:.2f} MB a minute")
            if (more := series.more_descriptors(WARM_UP)) > DESCRIPTORS:
                found.append(f"{name} held {more} descriptors more at the end")
            if "Traceback" in self.house.said(name):
                found.append(f"{name} logged a traceback")
        return found + self.reasons()


def descriptors(pid: int) -> int:
    """How many a process holds; 0 if it has just ended."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208  names are enough
    except OSError:
        return 0


@contextmanager
def strands(at: House, part: float) -> Iterator[list[Strand]]:
    """A generator for each kind of load, connected."""
    candidates = [LADDER.candidate(name) for name in ECHOES] + list(PUSH.candidates)
    with ExitStack() as stack:
        made = []
        for candidate in candidates:
            load = stack.enter_context(Load())
            goal: Goal = at.site.goal(candidate, "nginx", 64)
            load.open(goal, LISTENERS if candidate.protocol == "room" else USERS)
            made.append(Strand(candidate, load, part))
        yield made


INTRODUCTION = """\
# Under load for a while: does anything grow?

Written by `RECORD=1 make soak`: a stack of its own as local processes, everything through nginx. All services
are loaded at once, each at {part:.0%} of the rate that it reached while all the others ran at full speed too;
there is a room by each way to listen, and new connections come all the while. Memory is what a service's
processes have to themselves, looked at every {apart:.0f} s. Slopes are a straight line through all that was
seen after the first sixth.

{date}, {minutes:g} minutes, {processor}, {cores} cores that the generators share, Python {python},
commit {commit}. {remark}

**{verdict}**

| service | memory at first | at the end | slope | descriptors at first | at the end |
|---|---:|---:|---:|---:|---:|"""


def report(soak: Soak, minutes: float, part: float, remark: str) -> str:
    """The tables, in Markdown."""
    lines = [
        INTRODUCTION.format(
            part=part, apart=APART, minutes=minutes, **versions.machine(), commit=versions.commit(),
            date=time.strftime("%d %B %Y", time.gmtime()), remark=remark,
            verdict="; ".join(soak.complaints()) or "Nothing grew, and nothing failed.",
        )
    ]  # fmt: skip
    for name, series in soak.series.items():
        first, last = series.ends(WARM_UP)
        lines.append(
            f"| {name} | {first.memory / 1e6:.1f} MB | {last.memory / 1e6:.1f} MB "
            f"| {series.slope(WARM_UP) / 1e6:+.3f} MB/min | {first.descriptors} | {last.descriptors} |"
        )
    lines += ["", "| load | rate | exchanges | errors | p99 |", "|---|---:|---:|---:|---:|"]
    for strand in soak.strands:
        per = f" to {LISTENERS}" if strand.a_room else ""
        lines.append(
            f"| {strand.candidate.title if not strand.a_room else f'room, {strand.candidate.job}'} "
            f"| {strand.rate:,.0f}/s{per} | {strand.total.ok:,} | {strand.errors} "
            f"| {strand.total.latency.percentile(0.99) / 1e3:.1f} ms |"
        )
    for name, count in soak.visits.items():
        failed = sum(failure.startswith(f"{name}: ") for failure in soak.failures)
        lines.append(f"| new connections, {name} | {VISITS:g}/s | {count:,} | {failed} | |")
    return "\n".join(lines) + "\n"


def say(text: str) -> None:
    """Tell whoever watches, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Soak, and tell; 1 unless nothing grew and nothing failed."""
    interrupts.all_alike()
    parser = argparse.ArgumentParser("python -m reliability.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="for how long (30)")
    parser.add_argument("--part", type=float, default=0.5, help="of what the stack can do (0.5)")
    parser.add_argument("--record", action="store_true", help="keep the report in docs/soak.md")
    parser.add_argument("--remark", default="", help="a sentence for the report, about the machine")
    options = parser.parse_args()
    try:
        with house("soak") as at, strands(at, options.part) as made:
            soak = Soak(at, made)
            soak.run(options.minutes)
            text = report(soak, options.minutes, options.part, options.remark)
            complaints = soak.complaints()
    except (Problem, Complaint) as problem:
        say(f"soak: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130
    say(text)
    if options.record:
        REPORT.write_text(text, encoding="utf-8")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
