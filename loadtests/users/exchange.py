"""What every user of the ladder does: keep a connection, exchange over it again and again, and account for
each.
"""

from __future__ import annotations

import random
import string
from functools import lru_cache
from itertools import cycle
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

import gevent
from locust import User

from loadtests.addresses import RUNGS
from loadtests.clients.backoff import Backoff
from loadtests.clients.failures import Failure
from loadtests.options import STACK, Settings
from loadtests.tally import LEDGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from locust.env import Environment

__all__ = ["Client", "ExchangeUser", "payloads"]

MOMENT: Final = 100_000_000
"""Nanoseconds of exchanges in one Locust task. Locust's own work between two tasks costs as much as an
exchange, so it is done ten times a second; a user that is told to stop does so after this time at most."""

VARIANTS: Final = 16
"""Different payloads that follow each other, so that a reply to an earlier request, or to another user's, is
seen."""


class Client(Protocol):
    """One connection that exchanges."""

    keep_alive: bool
    first_byte: int
    """When the first bytes of the last reply arrived, by the performance counter."""

    @property
    def exchange(self) -> Callable[..., int]:
        """Send, receive, check; gives the number of bytes of content received. Raises Failure."""

    def close(self) -> None:
        """Close."""


@lru_cache(maxsize=4)
def payloads(size: int) -> tuple[bytes, ...]:
    """Texts of that many bytes, different ones unless they are too short for it; shared by all users of a
    process.
    """
    letters = string.ascii_letters + string.digits
    count = VARIANTS if size <= 65536 else 4
    return tuple("".join(random.choices(letters, k=size)).encode() for _ in range(count))  # noqa: S311 - no secret


class ExchangeUser(User):
    """A user with one connection and one exchange in flight. A concrete class says what over which client."""

    abstract = True

    service: ClassVar[str]
    """The rung: also the name of the folder, the image and the upstream."""
    method: ClassVar[str]
    """What Locust shows in the column "Type"."""
    job: ClassVar[str]
    """Echo or hello."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        given = vars(environment.parsed_options) if environment.parsed_options else {}
        self.settings = Settings.of(given, environment.host)
        self.target = STACK.target(self.service, self.settings.via, self.settings.host)
        name = f"{RUNGS[self.service].number} {self.service} {self.job} ({self.target.via})"
        self.tally = LEDGER.tally(self.method, name)
        self._messages = self._endless(self.messages())
        self._client: Client | None = None
        self._backoff = Backoff()
        self._interval = int(1e9 / self.settings.rate) if self.settings.rate else 0
        self._due = 0
        """At a fixed rate, when the next exchange is due, by the performance counter; 0 in a closed loop."""

    def connect(self) -> Client:
        """A new connection. Raises Failure."""
        raise NotImplementedError

    def messages(self) -> list[tuple[bytes, ...]]:
        """The arguments of the exchanges, prepared so that nothing is put together while the clock runs."""
        raise NotImplementedError

    def on_start(self) -> None:
        """At a fixed rate users begin at different times, so that they don't all send at once for ever."""
        if self._interval:
            self._due = perf_counter_ns() + random.randrange(self._interval)  # noqa: S311 - no secret

    def on_stop(self) -> None:
        """Close what is open, and own up to what should have been sent by now."""
        self._drop()
        if self._due:
            overdue = perf_counter_ns() - self._due
            self.tally.events["missed"] += max(overdue // self._interval, 0)

    def exchange_for_a_moment(self) -> None:
        """One exchange after another, each timed from when it is sent until its reply is checked.

        At a fixed rate an exchange is due at a certain time. If its connection is still busy with the one
        before, its time counts from when it was due: a server that stalls delays all who come, not only the
        one that it serves (Tene's "coordinated omission"). If the connection is free and only we are late, as
        timers are, it counts from when it was sent, and our lateness is kept apart.
        """
        end = perf_counter_ns()
        until, pause = end + MOMENT, self.settings.pause
        messages, backoff, tally = self._messages, self._backoff, self.tally
        exchanges, first_bytes = tally.times["exchange"], tally.times["first_byte"]
        while end < until:
            due = self._due and self._wait_until_due()
            client = self._client or self._connect()
            if client is None:
                return
            start = due or perf_counter_ns()
            try:
                received = client.exchange(*next(messages))
            except Failure as failure:
                self._fail(failure, start)
                return
            # Added only here: others add to it while the exchange waits.
            tally.content += received
            end = perf_counter_ns()
            exchanges[(end - start) // 1000] += 1
            first_bytes[(client.first_byte - start) // 1000] += 1
            if backoff.failures:
                backoff.succeeded()
            if not client.keep_alive:
                self._drop()
            if pause:
                gevent.sleep(pause)

    def _wait_until_due(self) -> int:
        """Sleep until the next exchange is due. Gives the time that it counts from."""
        due, self._due = self._due, self._due + self._interval
        early = due - perf_counter_ns()
        if early <= 0:
            return due
        gevent.sleep(early / 1e9)
        now = perf_counter_ns()
        self.tally.times["lateness"][max(now - due, 0) // 1000] += 1
        return now

    def _connect(self) -> Client | None:
        """A connection, or None when there is none: that is a failed request, and time has passed."""
        start = perf_counter_ns()
        try:
            self._client = self.connect()
        except Failure as failure:
            self._fail(failure, start)
        else:
            self.tally.events["connections"] += 1
            self.tally.times["connect"][(perf_counter_ns() - start) // 1000] += 1
        return self._client

    def _fail(self, failure: Failure, start: int) -> None:
        """Count a failed request with its reason; leave the connection if it's out of step; wait if it goes
        on.
        """
        self.environment.events.request.fire(
            request_type=self.method,
            name=self.tally.name,
            response_time=(perf_counter_ns() - start) / 1e6,
            response_length=0,
            exception=failure,
            context={},
        )
        if not failure.reusable:
            self._drop()
        gevent.sleep(self._backoff.failed())

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    @staticmethod
    def _endless(messages: list[tuple[bytes, ...]]) -> Iterator[Any]:
        """The messages over and over, from a place of each user's own."""
        start = random.randrange(len(messages))  # noqa: S311 - no secret
        return cycle(messages[start:] + messages[:start])
