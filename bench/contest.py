"""A comparison suite: candidates that are installed and started for it, take turns, and may fail.

What a candidate of the stack must do, one of these may leave: serve sixteen connections at once, take the
rate that is offered, give the right bytes back. That is what is to be found out; it is written down, and the
rest goes on.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any, Final, cast

from bench import result
from bench.audit import INSTRUMENT, audit
from bench.figures import Figure
from bench.hops import OTHERS
from bench.orders import Goal
from bench.rounds import Contender
from bench.suites import Candidate as Rung
from bench.versions import commit, machine
from comparisons.place import Up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.hops import Hop
    from bench.load import Served
    from bench.rounds import Plan, Turn
    from bench.site import Site
    from bench.suites import Via
    from comparisons.place import Place, Running
    from comparisons.table import Candidate, Comparison, Exchange, Way

__all__ = ["Contest", "Entrant", "ceiling_name", "entrants"]

KEPT: Final = 0.9
"""The part of what is offered that has to be answered for the rate to be kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Entrant:
    """A candidate, what it is asked, by which way, over how many connections at once."""

    candidate: Candidate
    exchange: Exchange
    way: Way | None
    users: int
    points: bool
    """Is the number of connections a part of its name?"""

    @property
    def via(self) -> str:
        """The way's name."""
        return self.way.name if self.way else "direct"

    @property
    def name(self) -> str:
        """What tells it from all others of its way."""
        return f"{self.candidate.name}-{self.exchange.title}{f'-{self.users}' if self.points else ''}"

    @property
    def title(self) -> str:
        """For people."""
        at = f", {self.users:,} connection{'s' if self.users > 1 else ''}" if self.points else ""
        return f"{self.candidate.title} {self.exchange.title}{at}"

    @property
    def contender(self) -> Contender:
        """As the audit and result.json know it."""
        rung = Rung(
            self.name, self.candidate.name, self.exchange.protocol, self.exchange.job,
            self.candidate.settings, path=self.exchange.path,
            expected=self.exchange.expected, called=self.title,
        )  # fmt: skip
        return Contender(rung, cast("Via", self.via))  # a comparison has ways of its own


def entrants(suite: Comparison, candidates: Sequence[Candidate]) -> list[Entrant]:
    """In the order in which they take turns: who is compared with each other, one after the other.

    So they meet the same noise, and a server that had two thousand connections has time to see them go.
    """
    found = [
        Entrant(candidate, exchange, way, users, len(exchange.connections or suite.connections) > 1)
        for candidate in candidates
        for exchange in suite.exchanges_of(candidate)
        for users in exchange.connections or suite.connections
        for way in (None, *suite.ways)
        if way is None or exchange.protocol in way.protocols
    ]
    asked = list(dict.fromkeys(each.exchange.title for each in found))
    return sorted(found, key=lambda each: (asked.index(each.exchange.title), each.users))


@dataclass
class Contest:
    """What is measured so far."""

    suite: Comparison
    plan: Plan
    place: Place
    quick: bool
    stack: Site | None = None
    """The stack that is up, for what needs its Redis."""
    up: Up = field(default_factory=Up)
    fronts: dict[str, Running] = field(default_factory=dict)
    pinned: bool = False
    stopped: str = ""
    rounds: int = 0
    began: float = field(default_factory=time.time)
    standing: dict[Entrant, Served] = field(default_factory=dict)
    """How many connections each serves."""
    unwell: dict[Entrant, str] = field(default_factory=dict)
    wrong: set[Entrant] = field(default_factory=set)
    turns: dict[Entrant, list[Turn]] = field(default_factory=dict)
    ceilings: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    conformance: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: float = 0.0
    """Cores that others kept busy, of a suite that measures by itself."""

    def goal(self, entrant: Entrant) -> Goal:
        """Where load for it goes."""
        exchange = entrant.exchange
        running = self.up.running[entrant.candidate.name]
        address = self.fronts[entrant.via].ports[entrant.candidate.name] if entrant.way else running.address
        goal = Goal(
            exchange.protocol, *address, exchange.job, exchange.path, exchange.expected, self.plan.payload
        )
        if exchange.protocol != "room" or self.stack is None:
            return goal
        log = self.stack.target("web", "direct").address
        return replace(goal, log_host=log.host, log_port=log.port)

    def hops(self, entrant: Entrant) -> dict[str, Hop]:
        """The stations of a request."""
        found = {"service": self.up.running[entrant.candidate.name].hop()}
        if entrant.way:
            found["nginx"] = self.fronts[entrant.via].hop()
        if entrant.exchange.protocol == "room" and self.stack is not None:
            found |= {name: self.stack.hops[name] for name in ("web", "redis")}
        return found

    def rate(self, entrant: Entrant) -> float:
        """What is offered a second."""
        return entrant.exchange.rate or self.plan.rate

    def give_up(self, entrant: Entrant, reason: str) -> None:
        """It can't be measured any further."""
        said = self.up.running[entrant.candidate.name].ended()
        self.unwell[entrant] = f"it has ended: {said}" if said else reason

    # --- what comes of it -------------------------------------------------------------------------------

    @property
    def others(self) -> float:
        """Cores that everybody else kept busy meanwhile, in the median turn."""
        found = [turn.open_use[OTHERS].cores for turns in self.turns.values() for turn in turns]
        return median(found) if found else self.elsewhere

    def as_json(self) -> dict[str, Any]:
        """As result.json has it."""
        books = {each.contender: turns for each, turns in self.turns.items()}
        checks = [check.as_json() for check in audit(books, INSTRUMENT)] if books else []
        return {
            "schema": result.SCHEMA,
            "title": self.suite.title,
            "suite": self.suite.name,
            "question": self.suite.question,
            "unit": "request",
            "started": datetime.fromtimestamp(self.began, UTC).isoformat(timespec="seconds"),
            "seconds": round(time.time() - self.began, 1),
            "complete": not self.stopped,
            "stopped": self.stopped,
            "quick": self.quick,
            "settings": asdict(self.plan),
            "machine": machine(),
            "mode": self.place.mode,
            "stack": dict(self.stack.stack) if self.stack else {},
            "versions": {"layercake": commit()},
            "road": self.place.road,
            "pinned": self.pinned,
            "others": round(self.others, 3),
            "audit": {"passed": all(check["passed"] for check in checks), "checks": checks},
            "ceilings": {
                ceiling_name(*key): Figure.of(rates).as_json() for key, rates in self.ceilings.items()
            },
            "entries": [self.entry(entrant) for entrant in self.turns],
            "candidates": [self.card(each) for each in self.suite.candidates if each.name in self.up.running],
            "left_out": [
                {"name": name, "title": self.title_of(name), "reason": reason}
                for name, reason in {**self.up.left_out, **self.suite.unasked}.items()
            ],
            "unwell": [
                {
                    "name": entrant.name, "title": entrant.title, "via": entrant.via,
                    "connections": entrant.users, "wrong": entrant in self.wrong, "reason": reason,
                }
                for entrant, reason in self.unwell.items()
            ],
            "findings": self.findings,
        }  # fmt: skip

    def title_of(self, name: str) -> str:
        """A candidate's, or the way's own name."""
        return next((each.title for each in self.suite.candidates if each.name == name), name)

    def entry(self, entrant: Entrant) -> dict[str, Any]:
        """One entrant's figures."""
        turns = self.turns[entrant]
        known = self.ceilings.get((entrant.exchange.protocol, entrant.users))
        ceilings: dict[str, Figure] = {entrant.exchange.protocol: Figure.of(known)} if known else {}
        entry = result.entry(entrant.contender, turns, self.rate(entrant), ceilings)
        opened, wrong = entry["open"], sum(turn.open.wrong + turn.closed.wrong for turn in turns)
        due = sum(turn.due for turn in turns)
        return {
            **entry,
            "candidate": entrant.candidate.name,
            "exchange": entrant.exchange.title,
            "connections": entrant.users,
            "served": min(turn.users for turn in turns),
            "offered": due,
            "kept": opened["ok"] >= KEPT * due,
            "wrong": wrong,
        }

    def card(self, candidate: Candidate) -> dict[str, Any]:
        """What is to be known of a candidate."""
        return {
            "name": candidate.name,
            "title": candidate.title,
            "server": candidate.server,
            "settings": candidate.settings,
            "reason": candidate.reason,
            "command": candidate.command,
            "versions": dict(self.up.running[candidate.name].versions),
            "conformance": self.conformance.get(candidate.name, {}),
        }


def ceiling_name(protocol: str, users: int) -> str:
    """As result.json has it."""
    return f"{protocol}, {users} connections"
