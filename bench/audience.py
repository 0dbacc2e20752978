"""A room under load: one poster, many listeners of one kind, every message accounted for by its number.

The listeners hear from when the room is opened until it is closed, each in a greenlet of its own, which alone
uses its connection. The poster is the same for every transport, requests to the log, so that what differs is
how a message reaches those who listen.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from time import perf_counter_ns, process_time
from typing import TYPE_CHECKING, Any, Final

import gevent

from bench.called import Called
from bench.orders import Goal, Outcome, Window
from loadtests.clients.backoff import Backoff
from loadtests.clients.failures import Failure, TimedOut
from loadtests.clients.lines import LinesClient
from loadtests.clients.log import LogClient
from loadtests.clients.polling import LongPollingClient, PollingClient
from loadtests.clients.said import Said
from loadtests.clients.stream import StreamClient
from loadtests.clients.talk import TalkClient
from loadtests.users.account import Account
from loadtests.users.letter import Letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtests.clients.said import Listener

__all__ = ["Audience"]

POLL_EVERY: Final = 0.2
"""Seconds between a poller's questions: what it hears is late by half of that."""

DRAIN: Final = 2.0
"""Seconds after the last post in which everybody has to have heard it. What comes later is lost."""

LOOK: Final = 0.002

JOIN: Final[dict[str, Callable[[Called, str, int, float], Listener]]] = {
    "polling": PollingClient,
    "long polling": LongPollingClient,
    "stream": StreamClient,
    "websocket": TalkClient,
    "tcp": lambda address, room, after, timeout: LinesClient(
        address, room, f"bench-{secrets.token_hex(4)}", after, timeout
    ),
}


class Seat:
    """One listener."""

    def __init__(self, goal: Goal, room: str, start: int) -> None:
        self.goal = goal
        self.room = room
        self.account = Account(start)
        self.client: Listener | None = None
        self.latency: defaultdict[int, int] = defaultdict(int)
        self.reasons: defaultdict[str, int] = defaultdict(int)
        self.ok = 0
        self.reconnects = 0
        self._backoff = Backoff()
        self._next = 0

    def join(self) -> None:
        """Listen from where the account is. Raises Failure."""
        address = Called(self.goal.host, self.goal.port)
        self.client = JOIN[self.goal.job](address, self.room, self.account.last, self.goal.timeout)

    def leave(self) -> None:
        """Hang up."""
        client, self.client = self.client, None
        if client is not None:
            client.close()

    def attend(self) -> None:
        """Hear, for ever; a connection that breaks is made anew, from the message after the last heard."""
        while True:
            try:
                if self.client is None:
                    self.reconnects += 1
                    self.join()
                self.hear()
                self._backoff.succeeded()
            except Failure as failure:
                self.reasons[str(failure)] += 1
                self.leave()
                gevent.sleep(self._backoff.failed())

    def hear(self) -> None:
        """One time. Raises Failure."""
        assert self.client is not None  # noqa: S101 - for the type checker
        if self.goal.job == "polling":
            gevent.sleep(max(self._next - perf_counter_ns(), 0) / 1e9)
            self._next = perf_counter_ns() + int(POLL_EVERY * 1e9)
        for one in self.client.hear():
            if isinstance(one, Said):
                self.take(one)
        if not self.client.keep_alive:
            self.leave()
            self.join()

    def take(self, message: Said) -> None:
        """Account for a message, and for its delay if it is whole and one of ours."""
        verdict = self.account.hear(message.number)
        if verdict != "in order":
            self.reasons[f"a message came {verdict}"] += 1
            return
        try:
            letter = Letter.read(message.text)
        except ValueError as error:
            self.reasons[str(error)] += 1
            return
        if letter is not None:
            self.latency[letter.age()] += 1
            self.ok += 1


class Audience:
    """A room of its own for each opening, its listeners, and its poster."""

    def __init__(self, goal: Goal, listeners: int) -> None:
        self.goal = goal
        self.room = f"bench-{secrets.token_hex(6)}"
        self.size = listeners
        self.members: list[Seat] = []
        self._greenlets: list[Any] = []
        self._log: LogClient | None = None
        self._poster = secrets.token_hex(4)
        self._serial = 0

    def open(self) -> None:
        """Everybody joins, and hears one message. Raises Failure."""
        try:
            end = self.log().end()
            self.members = [Seat(self.goal, self.room, end) for _ in range(self.size)]
            for seat in self.members:
                seat.join()
            self._greenlets = [gevent.spawn(seat.attend) for seat in self.members]
            self.post(time.time_ns())
            self.require_heard()
        except BaseException:
            self.close()
            raise

    def require_heard(self) -> None:
        """Raise TimedOut unless everybody hears what was posted, and nothing went wrong on the way."""
        if not self.all_heard():
            raise TimedOut("not every listener heard the first message")
        for seat in self.members:
            for reason in seat.reasons:
                raise TimedOut(reason)

    def close(self) -> None:
        """Everybody leaves."""
        gevent.killall(self._greenlets)
        for seat in self.members:
            seat.leave()
        if self._log is not None:
            self._log.close()

    def log(self) -> LogClient:
        """The connection that posts; a new one when the server has said that it closes."""
        if self._log is None or not self._log.keep_alive:
            self.hang_up()
            self._log = LogClient(
                Called(self.goal.log_host, self.goal.log_port), self.room, self.goal.timeout
            )
        return self._log

    def hang_up(self) -> None:
        """Close the connection that posts."""
        log, self._log = self._log, None
        if log is not None:
            log.close()

    def post(self, due: int) -> int:
        """Say something that was due at that time of day; gives its number. Raises Failure."""
        self._serial += 1
        letter = Letter(self._poster, self._serial, due)
        try:
            return self.log().post(letter.write(self.goal.payload), self._serial).number
        except BaseException:
            self.hang_up()
            raise

    def all_heard(self) -> bool:
        """Wait until everybody has heard everything that was posted; False if that takes too long."""
        deadline = time.monotonic() + DRAIN
        while any(seat.account.heard < self._serial for seat in self.members):
            if time.monotonic() > deadline:
                return False
            gevent.sleep(LOOK)
        return True

    def run(self, window: Window) -> Outcome:
        """Post at a fixed rate, and see what arrives. What is counted is deliveries: one message to one
        listener.
        """
        gevent.get_hub().loop.update_now()
        outcome = Outcome()
        before = sum(seat.ok for seat in self.members)
        for seat in self.members:
            seat.latency.clear()
            seat.reasons.clear()
            seat.reconnects = 0
        used, begin = process_time(), perf_counter_ns()
        lateness: defaultdict[int, int] = defaultdict(int)
        reasons: defaultdict[str, int] = defaultdict(int)
        posted = 0
        due_posts = int(window.rate * window.seconds)
        for number in range(due_posts):
            due = begin + int(number * 1e9 / window.rate)
            early = due - perf_counter_ns()
            if early > 0:
                gevent.sleep(early / 1e9)
                lateness[max(perf_counter_ns() - due, 0) // 1000] += 1
            elif -early > DRAIN * 1e9:
                break
            # A poster that was held up by the post before is late by the server's fault, and says when it
            # meant to post. One that only woke late says when it did.
            start = perf_counter_ns() if early > 0 else due
            try:
                self.post(time.time_ns() - (perf_counter_ns() - start))
                posted += 1
            except Failure as failure:
                reasons[str(failure)] += 1
        self.all_heard()
        outcome.seconds = (perf_counter_ns() - begin) / 1e9
        outcome.processor = process_time() - used
        for seat in self.members:
            outcome.latency.add(seat.latency)
            outcome.reconnects += seat.reconnects
            for reason, count in seat.reasons.items():
                reasons[reason] += count
        outcome.lateness.add(lateness)
        outcome.sent = posted * self.size
        outcome.ok = sum(seat.ok for seat in self.members) - before
        outcome.missed = (due_posts - posted) * self.size
        outcome.failed = outcome.sent - outcome.ok
        if outcome.failed and not reasons:
            reasons["a message never came"] += outcome.failed
        outcome.failures = dict(reasons)
        return outcome
