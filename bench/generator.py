"""The load: a process that takes orders on standard input and answers each with a line on standard output.

Its clients are those of the Locust users (`loadtests.clients`), without Locust around them, which costs as
much as an exchange. `{"open": {goal}, "users": N}` connects and makes one checked exchange over each
connection; with `"patience"` it takes what it gets: those that are not served while nobody is for so many
seconds, are dropped. `{"run": {window}}` measures, `{"close": true}` lets go. One thread, and a greenlet for
each connection, which alone uses it.
"""

from __future__ import annotations

import json
import random
import string
import sys
from collections import defaultdict
from itertools import cycle
from time import perf_counter, perf_counter_ns, process_time
from typing import TYPE_CHECKING, Any, Final

import gevent

from bench.audience import Audience
from bench.called import Called
from bench.orders import NO_REPLY, Goal, Outcome, Window
from loadtests.clients.backoff import Backoff
from loadtests.clients.failures import ConnectFailed, Failure, MalformedReply, WrongContent
from loadtests.clients.http import HttpClient, request
from loadtests.clients.tcp import TcpClient
from loadtests.clients.websocket import WebSocketClient

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loadtests.users.exchange import Client

__all__ = ["Crew", "main"]

VARIANTS: Final = 16
"""Different payloads that follow each other, so that a reply to another request is seen."""

LONGEST: Final = 30.0
"""Seconds in which connections that are served one after the other have to be."""

LOOK: Final = 0.1
"""Seconds between two looks at who was served, at most: if there are more, we were stopped, and nobody is to
blame for the replies that wait to be read.
"""

WRONG: Final = (WrongContent, MalformedReply)
"""Replies that are worse than none."""

GRACE: Final = 1_000_000_000
"""Nanoseconds after the window in which an open loop sends what is overdue. What is then left is missed: a
server that falls behind for ever would otherwise hold the bench up for as long."""


def connect(goal: Goal) -> Client:
    """A new connection. Raises Failure."""
    address = Called(goal.host, goal.port)
    match goal.protocol:
        case "tcp":
            return TcpClient(address, goal.timeout)
        case "http":
            return HttpClient(address, goal.timeout)
        case "ws":
            return WebSocketClient(address, goal.path, goal.timeout)
        case "room":
            raise ValueError("a room has an audience, not a crew")


def messages(goal: Goal) -> list[tuple[bytes, ...]]:
    """The arguments of exchanges, made beforehand so that nothing is put together while the clock runs."""
    letters = string.ascii_letters + string.digits
    texts = ["".join(random.choices(letters, k=goal.payload)).encode() for _ in range(VARIANTS)]  # noqa: S311
    if goal.protocol != "http":
        return [(text,) for text in texts]
    address = Called(goal.host, goal.port)
    if goal.job == "hello":
        return [(request("GET", goal.path, address), goal.expected.encode())]
    return [(request("POST", goal.path, address, text), text) for text in texts]


class Member:
    """One connection and whoever uses it."""

    def __init__(self, goal: Goal, texts: list[tuple[bytes, ...]]) -> None:
        self.goal = goal
        self.client: Client | None = None
        self.backoff = Backoff()
        start = random.randrange(len(texts))  # noqa: S311 - no secret
        self.texts: Iterator[Any] = cycle(texts[start:] + texts[:start])

    def check(self) -> None:
        """Connect and exchange once. Raises Failure."""
        self.client = connect(self.goal)
        self.client.exchange(*next(self.texts))
        if not self.client.keep_alive:
            self.drop()

    def drop(self) -> None:
        """Let go of the connection."""
        client, self.client = self.client, None
        if client is not None:
            client.close()

    def closed_loop(self, until: int, tally: Tally) -> None:
        """The next request as soon as the reply to the last one is there."""
        began = perf_counter_ns()
        while (now := perf_counter_ns()) < until:
            self.once(now, tally)
        tally.outcome.held += (now - began) / 1e9

    def open_loop(self, dues: Iterable[int], until: int, tally: Tally) -> None:
        """A request at each of these times.

        If the connection is still busy then, its time counts from when it was due: a server that stalls
        delays all who come, not only the one that it serves (Tene's "coordinated omission"). If the
        connection is free and only we are late, as timers are, that is no fault of the server: the time
        counts from sending, and our lateness is kept apart.
        """
        for due in dues:
            early = due - perf_counter_ns()
            start = due
            if early > 0:
                gevent.sleep(early / 1e9)
                start = perf_counter_ns()
                tally.lateness[max(start - due, 0) // 1000] += 1
            elif -early > GRACE or perf_counter_ns() > until + GRACE:
                tally.outcome.missed += 1
                continue
            if not self.once(start, tally):
                tally.outcome.missed += 1

    def once(self, start: int, tally: Tally) -> bool:
        """One exchange. False if nothing could be sent, as there is no connection."""
        outcome = tally.outcome
        try:
            if self.client is None:
                self.client = connect(self.goal)
                outcome.reconnects += 1
        except ConnectFailed as failure:
            outcome.refused += 1
            tally.reasons[str(failure)] += 1
            gevent.sleep(self.backoff.failed())
            return False
        outcome.sent += 1
        try:
            self.client.exchange(*next(self.texts))
        except Failure as failure:
            outcome.failed += 1
            outcome.wrong += isinstance(failure, WRONG)
            tally.reasons[str(failure)] += 1
            if not failure.reusable:
                self.drop()
            gevent.sleep(self.backoff.failed())
            return True
        tally.latency[(perf_counter_ns() - start) // 1000] += 1
        outcome.ok += 1
        self.backoff.failures = 0
        if not self.client.keep_alive:
            self.drop()
        return True


class Opening:
    """How it goes when connections may be refused."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.served: set[Member] = set()
        self.reasons: defaultdict[str, int] = defaultdict(int)
        self.refused = 0
        self.wrong = 0
        self.quiet = 0.0
        """Seconds that we have been looking since somebody was served."""

    def check(self, member: Member) -> None:
        """Connect and exchange once."""
        try:
            member.check()
        except Failure as failure:
            self.refused += 1
            self.reasons[str(failure)] += 1
            self.wrong += isinstance(failure, WRONG)
        else:
            self.served.add(member)
        self.quiet = 0.0

    def as_json(self) -> dict[str, Any]:
        """The answer."""
        waiting = self.wanted - len(self.served) - self.refused
        reasons = {**self.reasons, **({NO_REPLY: waiting} if waiting else {})}
        return {"open": len(self.served), "reasons": reasons, "wrong": self.wrong}


class Tally:
    """What the members of a crew count together during one window."""

    def __init__(self) -> None:
        self.outcome = Outcome()
        self.latency: defaultdict[int, int] = defaultdict(int)
        self.lateness: defaultdict[int, int] = defaultdict(int)
        self.reasons: defaultdict[str, int] = defaultdict(int)


class Crew:
    """Connections to one goal, and what they do together."""

    def __init__(self, goal: Goal, users: int) -> None:
        texts = messages(goal)
        self.members = [Member(goal, texts) for _ in range(users)]

    def open(self) -> None:
        """Connect all, and see that the right bytes come back. Raises Failure."""
        try:
            for member in self.members:
                member.check()
        except BaseException:
            self.close()
            raise

    def open_some(self, patience: float, enough: int) -> Opening:
        """Connect all at once, and keep those over which the right bytes come back: `enough` of them, or as
        many as there are until none has come for so many seconds.
        """
        opening = Opening(len(self.members))
        greenlets = {member: gevent.spawn(opening.check, member) for member in self.members}
        looked = perf_counter()
        deadline = looked + LONGEST
        while len(opening.served) + opening.refused < len(self.members) and len(opening.served) < enough:
            now = perf_counter()
            opening.quiet += min(now - looked, LOOK)
            looked = now
            if now > deadline or opening.quiet > patience:
                break
            gevent.sleep(0.005)
        gevent.killall(list(greenlets.values()))
        for member in self.members:
            if member not in opening.served:
                member.drop()
        self.members = [member for member in self.members if member in opening.served]
        return opening

    def close(self) -> None:
        """Let go of all."""
        for member in self.members:
            member.drop()

    def run(self, window: Window) -> Outcome:
        """Send for as long as the window is open, and wait for what is owed."""
        gevent.get_hub().loop.update_now()
        tally = Tally()
        used, begin = process_time(), perf_counter_ns()
        until = begin + int(window.seconds * 1e9)
        if window.rate:
            greenlets = self.spawn_open(window, begin, until, tally)
        else:
            greenlets = [gevent.spawn(member.closed_loop, until, tally) for member in self.members]
        gevent.joinall(greenlets, raise_error=True)
        outcome = tally.outcome
        outcome.seconds = (perf_counter_ns() - begin) / 1e9
        outcome.processor = process_time() - used
        outcome.latency.add(tally.latency)
        outcome.lateness.add(tally.lateness)
        outcome.failures = dict(tally.reasons)
        return outcome

    def spawn_open(self, window: Window, begin: int, until: int, tally: Tally) -> list[Any]:
        """Deal the arrivals to the members, one after the other: together they are evenly spread."""
        apart = 1e9 / window.rate
        arrivals = [begin + int(number * apart) for number in range(int(window.rate * window.seconds))]
        count = len(self.members)
        return [
            gevent.spawn(member.open_loop, arrivals[index::count], until, tally)
            for index, member in enumerate(self.members[: len(arrivals)])  # the others would only cost time
        ]


Load = Crew | Audience
"""What can be open: connections that ask, or a room that listens."""


def obey(order: dict[str, Any], crew: Load | None) -> tuple[Load | None, dict[str, Any]]:
    """Do what one line says; gives the crew that there is then, and the answer."""
    if "open" in order:
        goal = Goal(**order["open"])
        crew = (Audience if goal.protocol == "room" else Crew)(goal, order["users"])
        if "patience" in order and isinstance(crew, Crew):
            opening = crew.open_some(order["patience"], order["enough"])
            return crew if crew.members else None, opening.as_json()
        try:
            crew.open()
        except Failure as failure:
            return None, {"failure": str(failure)}
        return crew, {"open": len(crew.members)}
    if crew is None:
        return None, {"failure": "nothing is open"}
    if "run" in order:
        return crew, crew.run(Window(**order["run"])).as_json()
    crew.close()
    return None, {"closed": True}


def main() -> None:
    """Until standard input ends."""
    crew: Load | None = None
    for line in sys.stdin:
        crew, answer = obey(json.loads(line), crew)
        print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
