"""What every user of a room does: hear it by one transport, post into it if it is its turn, account for each.

A user listens; the first of every so many posts as well. The user's greenlet opens what it hears by, and
closes it. The poster has one of its own, which is started when the user starts, ended when it stops, and
writes through `say` only.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from time import perf_counter_ns
from typing import TYPE_CHECKING, ClassVar, Final

import gevent
from greenlet import GreenletExit
from locust import User
from locust.user.task import LOCUST_STATE_STOPPING

from loadtests.clients.backoff import Backoff
from loadtests.clients.failures import Failure, WrongContent
from loadtests.clients.said import Acknowledged, Refused, Said
from loadtests.options import STACK, Settings
from loadtests.tally import LEDGER
from loadtests.users.account import Account
from loadtests.users.letter import Letter
from loadtests.users.poster import DRAIN, Poster
from loadtests.users.truth import TRUTHS

if TYPE_CHECKING:
    from locust.env import Environment

    from loadtests.clients.said import Heard, Listener
    from loadtests.tally import Tally

__all__ = ["RoomUser"]

MOMENT: Final = 100_000_000
"""Nanoseconds of hearing in one Locust task, as in `exchange`."""


class RoomUser(User):
    """A listener, and perhaps a poster. A concrete class says by which transport."""

    abstract = True

    service: ClassVar[str]
    """Whom it listens to. (Whoever can't post to it posts to web.)"""
    method: ClassVar[str]
    """What Locust shows in the column "Type"."""
    transport: ClassVar[str]
    """Its number and name, as they stand in Locust's table."""
    asking: ClassVar[str] = "join"
    """What its requests are called: `join` where one is for good, `ask` where there is one after another."""

    turns: ClassVar[count[int]]
    """Whose turn it is to post; counted by class, in each process."""

    def __init_subclass__(cls, **_: object) -> None:
        super().__init_subclass__()
        cls.turns = count()

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        given = vars(environment.parsed_options) if environment.parsed_options else {}
        self.settings = Settings.of(given, environment.host)
        self.target = STACK.target(self.service, self.settings.via, self.settings.host)
        self.log = STACK.target("web", self.target.via)
        self.truth = TRUTHS.of(self.log.address, self.settings.room, self.settings.reply_timeout)
        self.deliveries = self._tally("delivery")
        self.posts = self._tally("post")
        self.requests = self._tally(self.asking)
        self.account: Account | None = None
        self._listener: Listener | None = None
        self._backoff = Backoff()
        self.poster = Poster(self.settings, self.posts, self.can_say, self.say, self._fail)

    def listen(self, after: int) -> Listener:
        """Hear the room from the message after that number. Raises Failure."""
        raise NotImplementedError

    def say(self, letter: Letter) -> Acknowledged | None:
        """Post; None if the acknowledgement is heard later. Raises Failure."""
        raise NotImplementedError

    def can_say(self) -> bool:
        """Whether a post has a way to go. Nobody posts who does not hear yet."""
        return self.account is not None

    @property
    def is_listening(self) -> bool:
        """Whether there is a connection to hear by."""
        return self._listener is not None

    def ask(self, listener: Listener) -> list[Heard]:
        """Wait for what comes next. Raises Failure."""
        return listener.hear()

    def on_start(self) -> None:
        """The first of every so many posts too."""
        if self.settings.posts and next(self.turns) % self.settings.listeners_per_poster == 0:
            self.poster.start()

    def stop(self, force: bool = False) -> bool:
        """Asked to stop, a listener would go on waiting for messages that nobody posts any more."""
        if force or self._state == LOCUST_STATE_STOPPING:
            return bool(super().stop(force=force))
        self._state = LOCUST_STATE_STOPPING
        self.poster.end()
        self.greenlet.kill(block=False)
        return False

    def on_stop(self) -> None:
        """Settle the account. Locust kills whoever takes longer than its stop timeout, perhaps twice where a
        test is ended from two sides; that is not heard.
        """
        settling = gevent.spawn(self._settle)
        while not settling.ready():
            with suppress(GreenletExit):
                settling.join()

    def hear_for_a_moment(self) -> None:
        """Hear what is said, and go on after a broken connection from where it was."""
        until = perf_counter_ns() + MOMENT
        while perf_counter_ns() < until:
            if not self._hear():
                return

    def _hear(self) -> bool:
        """One time. False after a failure."""
        listener = self._listener or self._join()
        if listener is None:
            return False
        try:
            heard = self.ask(listener)
        except Failure as failure:
            self._fail(self.requests, failure)
            self._leave(failure)
            return False
        for one in heard:
            self._take(one)
        self._backoff.succeeded()
        return True

    def _join(self) -> Listener | None:
        """A connection that hears, or None when there is none: that is a failed request, and time has
        passed.
        """
        start = perf_counter_ns()
        try:
            if self.account is None:
                self.account = Account(self.truth.end())
                start = perf_counter_ns()
            self._listener = self.listen(self.account.last)
        except Failure as failure:
            self._fail(self.requests, failure, start)
            gevent.sleep(self._backoff.failed())
            return None
        self.requests.events["connections"] += 1
        self.requests.times["connect"][(self._listener.opened - start) // 1000] += 1
        if self.asking == "join":
            self.time(self.requests, start, self._listener.first_byte)
        return self._listener

    def _hang_up(self) -> None:
        """Close what it hears by."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()

    def _leave(self, failure: Failure | None = None) -> None:
        """Close what it hears by. What was posted through it and not acknowledged has failed."""
        self._hang_up()
        self.poster.hung_up(failure)
        if failure is not None:
            self.requests.events["reconnects"] += 1
            gevent.sleep(self._backoff.failed())

    def _take(self, one: Heard) -> None:
        match one:
            case Said():
                self._deliver(one)
            case Acknowledged(number, ref):
                self.poster.acknowledge(number, ref)
            case Refused(reason, ref) if not self.poster.refuse(reason, ref):
                self._fail(self.requests, WrongContent(reason))

    def _deliver(self, message: Said) -> None:
        """Account for a message by its number, and for its delay if a poster of ours wrote it."""
        if self.account is None:
            return
        verdict = self.account.hear(message.number)
        self.deliveries.events["received"] += verdict != "doubled"
        if verdict != "in order":
            self.deliveries.events[verdict.replace(" ", "_")] += 1
            self._fail(self.deliveries, WrongContent(f"a message came {verdict}"))
            return
        try:
            letter = Letter.read(message.text)
        except ValueError as error:
            self.deliveries.events["corrupt"] += 1
            self._fail(self.deliveries, WrongContent(str(error)))
            return
        if letter is None:
            return
        if not self.truth.agrees(message.number, message.text):
            self.deliveries.events["contradictory"] += 1
            self._fail(self.deliveries, WrongContent("two listeners heard different texts under one number"))
            return
        self.deliveries.times["exchange"][letter.age()] += 1
        self.deliveries.content += len(message.text)

    def _settle(self) -> None:
        """Hear what was said before the test ended, and own up to what never came."""
        self.poster.finish()
        if self.account is None:
            return
        try:
            end = self.truth.end()
        except Failure as failure:
            self._fail(self.requests, failure)
            end = self.account.last
        if self.asking == "ask":
            self._hang_up()  # it was interrupted between a request and its answer
        self._backoff.succeeded()  # there is no time to wait for a server to recover
        gevent.with_timeout(DRAIN, self._hear_the_rest, end, timeout_value=None)
        self._leave()
        self._report(self.account, end)

    def _hear_the_rest(self, end: int) -> None:
        while self.account and (self.account.lost(end) or self.poster.unanswered):
            self._hear()

    def _report(self, account: Account, end: int) -> None:
        events = self.deliveries.events
        events["expected"] += account.expected(end)
        events["lost"] += account.lost(end)
        for _ in range(account.lost(end)):
            self._fail(self.deliveries, WrongContent("a message never came"))
        if self.poster.newest > end:
            events["unlogged"] += 1
            self._fail(self.posts, WrongContent("what was acknowledged is not in the room's log"))

    def time(self, tally: Tally, start: int, first_byte: int) -> None:
        """A request that has ended well."""
        tally.times["exchange"][(perf_counter_ns() - start) // 1000] += 1
        tally.times["first_byte"][max(first_byte - start, 0) // 1000] += 1

    def _tally(self, what: str) -> Tally:
        return LEDGER.tally(self.method, f"room {self.transport} {what} ({self.target.via})")

    def _fail(self, tally: Tally, failure: Failure, start: int = 0) -> None:
        """A failed request with its reason."""
        self.environment.events.request.fire(
            request_type=self.method,
            name=tally.name,
            response_time=(perf_counter_ns() - start) / 1e6 if start else 0,
            response_length=0,
            exception=failure,
            context={},
        )
