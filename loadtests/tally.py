"""Counting exchanges without slowing them down.

Locust's request event costs several microseconds, half as much as a whole exchange over TCP. So a good
exchange only adds one to a count by whole microseconds, and a few times a second the counts are poured into
Locust's own statistics, which then show them as always. A failed exchange is rare and goes through Locust's
event at once.

A tally belongs to one process; all of its users of one kind share it, in one thread, so nothing is locked.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import gevent
import locust.stats
from locust.runners import WorkerRunner
from locust.stats import StatsEntry

if TYPE_CHECKING:
    from locust.env import Environment
    from locust.stats import RequestStats

__all__ = ["LEDGER", "Ledger", "Tally", "two_digits"]

POUR_EVERY: Final = 0.25
"""Seconds between two pourings: more often than Locust looks, so that its figures for a second are right."""


def two_digits(milliseconds: float) -> float:
    """Two significant digits, down to ten microseconds.

    Locust groups response times by whole milliseconds, which puts the lower rungs into a single group. Its
    documentation offers the function that does so for replacement; the number of groups stays about the same.
    """
    for digits, below in ((2, 1.0), (1, 10.0), (0, 100.0), (-1, 1000.0), (-2, 10_000.0)):
        if milliseconds < below:
            return round(milliseconds, digits)
    return round(milliseconds, -3)


class Tally:
    """How often an exchange of one name took how many microseconds, since it was last poured out."""

    def __init__(self, method: str, name: str) -> None:
        self.method = method
        self.name = name
        self.counts: defaultdict[int, int] = defaultdict(int)
        self.content = 0
        self.began = time.time()

    def pour(self, stats: RequestStats) -> None:
        """Add everything to Locust's statistics, and be empty."""
        counts, self.counts = self.counts, defaultdict(int)
        content, self.content = self.content, 0
        began, self.began = self.began, time.time()
        if not counts:
            return
        batch = StatsEntry(stats, self.name, self.method)
        batch.start_time = began
        batch.last_request_timestamp = self.began
        batch.num_requests = sum(counts.values())
        batch.num_reqs_per_sec[int(self.began)] = batch.num_requests
        batch.total_content_length = content
        # Locust annotates these as whole numbers and computes with them as with any.
        batch.min_response_time = min(counts) / 1000  # type: ignore[assignment]
        batch.max_response_time = max(counts) / 1000  # type: ignore[assignment]
        batch.total_response_time = sum(us * count for us, count in counts.items()) / 1000  # type: ignore[assignment]
        for us, count in counts.items():
            batch.response_times[two_digits(us / 1000)] += count  # type: ignore[index]
        stats.entries[self.name, self.method].extend(batch)
        stats.total.extend(batch)


class Ledger:
    """All tallies of this process, and the Locust environment that they are poured into."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._environment: Environment | None = None

    def tally(self, method: str, name: str) -> Tally:
        """The tally of that name; made when it is first asked for."""
        return self._tallies.setdefault((method, name), Tally(method, name))

    def attach(self, environment: Environment) -> None:
        """Pour into this environment from now on, at regular times."""
        locust.stats.bucket_response_time = two_digits  # type: ignore[assignment]
        self._environment = environment
        environment.events.test_start.add_listener(self.clear)  # type: ignore[no-untyped-call]
        environment.events.test_stop.add_listener(self.close)  # type: ignore[no-untyped-call]
        gevent.spawn(self._keep_pouring)

    def clear(self, **_: object) -> None:
        """Forget what the last run left behind."""
        self._tallies.clear()

    def pour(self, **_: object) -> None:
        """Bring Locust's statistics up to date."""
        if self._environment is not None:
            for tally in self._tallies.values():
                tally.pour(self._environment.stats)

    def close(self, **_: object) -> None:
        """A test has stopped: have the last figures where they belong before Locust says that it has.

        A worker would otherwise send them up to three seconds later, and the table would move after
        "stopped".
        """
        self.pour()
        runner = self._environment.runner if self._environment else None
        if isinstance(runner, WorkerRunner):
            report: dict[str, Any] = {}
            runner.environment.events.report_to_master.fire(client_id=runner.client_id, data=report)  # type: ignore[no-untyped-call]
            runner.send_message("stats", report)

    def _keep_pouring(self) -> None:
        while True:
            gevent.sleep(POUR_EVERY)
            self.pour()


LEDGER = Ledger()
