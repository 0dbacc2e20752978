"""The part of a room's user that posts: at a fixed rate, and with an answer for every post."""

from __future__ import annotations

import random
import secrets
import time
from itertools import count
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

import gevent
from gevent.event import Event

from loadtests.clients.failures import Failure, TimedOut, WrongContent
from loadtests.users.letter import Letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtests.clients.said import Acknowledged
    from loadtests.options import Settings
    from loadtests.tally import Tally

__all__ = ["DRAIN", "SECOND", "Poster"]

DRAIN: Final = 2.0
"""Seconds that whoever posts or listens has, when the test ends, for what is under way. What takes longer has
failed, or is lost."""

SOON: Final = 0.01
"""Seconds after which a poster without a connection looks again."""

SECOND: Final = 1_000_000_000


class Poster:
    """A greenlet of its own beside the user's. The user starts it, ends it, and tells it what it hears."""

    def __init__(
        self,
        settings: Settings,
        tally: Tally,
        can_say: Callable[[], bool],
        say: Callable[[Letter], Acknowledged | None],
        fail: Callable[[Tally, Failure, int], None],
    ) -> None:
        """`say` gives the acknowledgement, or None if it is heard later; `fail` counts a failed request."""
        self.name = secrets.token_hex(4)
        self.newest = 0
        """The highest number under which a post was acknowledged."""
        self.unanswered: dict[int, int] = {}
        """What was posted and not yet acknowledged: by its serial, when it was due."""
        self._given_up: set[int] = set()
        self._settings, self._tally = settings, tally
        self._can_say, self._say, self._fail = can_say, say, fail
        self._ended = Event()
        self._due = 0
        self._greenlet: gevent.Greenlet[..., Any] | None = None

    def start(self) -> None:
        """Begin to post."""
        self._greenlet = gevent.spawn(self._keep_posting)

    def end(self) -> None:
        """No more posts; one that is under way goes on."""
        self._ended.set()

    def finish(self) -> None:
        """After `end`: let the last one be answered, and own up to those that were due and not made."""
        if self._greenlet is None:
            return
        overdue = perf_counter_ns() - self._due if self._due else 0
        self._tally.events["missed"] += max(int(overdue * self._settings.posts / SECOND), 0)
        self._greenlet.join(timeout=DRAIN)
        if not self._greenlet.ready():
            self._greenlet.kill()
            self._fail(self._tally, TimedOut("the test ended before the acknowledgement"), self._due)

    def acknowledge(self, number: int, ref: int) -> None:
        """A post is in the log."""
        if ref in self._given_up:
            self._given_up.remove(ref)  # too late: it has failed already
        elif ref not in self.unanswered:
            self._fail(self._tally, WrongContent("something was acknowledged that was not posted"), 0)
        else:
            self._count(number, self.unanswered.pop(ref))

    def refuse(self, reason: str, ref: int | None) -> bool:
        """Something was refused; whether it was a post of ours."""
        due = self.unanswered.pop(ref, 0) if ref is not None else 0
        if due:
            self._fail(self._tally, WrongContent(reason), due)
        return bool(due)

    def hung_up(self, failure: Failure | None) -> None:
        """The connection has gone, and with it what was not yet acknowledged."""
        for due in self.unanswered.values():
            reason = failure or TimedOut("the test ended before the acknowledgement")
            self._fail(self._tally, reason, due)
        self.unanswered.clear()

    def _keep_posting(self) -> None:
        """Whatever the room does: a stall delays all that come meanwhile. See `exchange`."""
        interval = int(SECOND / self._settings.posts)
        self._due = perf_counter_ns() + random.randrange(interval)  # noqa: S311 - no secret
        for serial in count(1):
            early = self._due - perf_counter_ns()
            if early > 0 and self._ended.wait(early / SECOND):
                return
            start = perf_counter_ns() if early > 0 else self._due
            self._tally.times["lateness"][max(start - self._due, 0) // 1000] += early > 0
            while not self._can_say():
                if self._ended.wait(SOON):
                    return
            self._post(serial, start)
            self._due += interval
            if self._ended.is_set():
                return

    def _post(self, serial: int, start: int) -> None:
        """Once. Its time, and that of its delivery, count from `start`."""
        letter = Letter(self.name, serial, time.time_ns() - (perf_counter_ns() - start))
        try:
            acknowledged = self._say(letter)
        except Failure as failure:
            self._fail(self._tally, failure, start)
            return
        if acknowledged is None:
            self.unanswered[serial] = start
        else:
            self._count(acknowledged.number, start)
        self._give_up()

    def _count(self, number: int, start: int) -> None:
        if number <= self.newest:
            failure = WrongContent("a post was acknowledged under a number that is not new")
            self._fail(self._tally, failure, start)
            return
        self.newest = number
        self._tally.times["exchange"][(perf_counter_ns() - start) // 1000] += 1

    def _give_up(self) -> None:
        """Posts whose acknowledgement is later than a reply may be."""
        oldest = perf_counter_ns() - int(self._settings.reply_timeout * SECOND)
        for serial, due in list(self.unanswered.items()):
            if due < oldest:
                del self.unanswered[serial]
                self._given_up.add(serial)
                failure = TimedOut(f"no acknowledgement within {self._settings.reply_timeout:g} s")
                self._fail(self._tally, failure, due)
