"""Counting exchanges without slowing them down.

Locust's request event costs several microseconds, half as much as a whole exchange over TCP. So a good
exchange only adds one to a count by whole microseconds, and a few times a second the counts are poured into
Locust's own statistics, which then show them as always, and into histograms, which keep what Locust's would
round away. A failed exchange is rare and goes through Locust's event at once.

A tally belongs to one process; all of its users of one kind share it, in one thread, so nothing is locked. In
a distributed run each worker sends its histograms along with Locust's reports, and the master adds them up.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import gevent
import locust.stats
from locust.runners import WorkerRunner
from locust.stats import StatsEntry

from loadtests.histogram import Histogram, middle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from locust.env import Environment
    from locust.stats import RequestStats

__all__ = ["LEDGER", "PHASES", "Ledger", "Record", "Tally", "two_digits"]

POUR_EVERY: Final = 0.25
"""Seconds between two pourings: more often than Locust looks, so that its figures for a second are right."""

PHASES: Final = ("connect", "first_byte", "exchange", "lateness")
"""What is timed: opening a connection; from sending to the first byte of the reply; to its last, checked;
and, at a fixed rate, by how much a request was sent later than intended although its connection was free,
which is the generator's fault and not the server's."""

KEY: Final = "layercake"
"""Under which a worker's report holds what is ours."""


def two_digits(milliseconds: float) -> float:
    """Two significant digits, down to ten microseconds.

    Locust groups response times by whole milliseconds, which puts the lower rungs into a single group. Its
    documentation offers the function that does so for replacement; the number of groups stays about the same.
    """
    for digits, below in ((2, 1.0), (1, 10.0), (0, 100.0), (-1, 1000.0), (-2, 10_000.0)):
        if milliseconds < below:
            return round(milliseconds, digits)
    return round(milliseconds, -3)


@cache
def milliseconds(number: int) -> float:
    """A histogram's group as Locust's statistics have it."""
    return two_digits(middle(number) / 1000)


class Tally:
    """What users of one kind have done since it was last poured out."""

    def __init__(self, method: str, name: str) -> None:
        self.method = method
        self.name = name
        self.times: dict[str, defaultdict[int, int]] = {phase: defaultdict(int) for phase in PHASES}
        """For each phase, how often it took how many microseconds. Emptied, never replaced: users hold on to
        them."""
        self.events: Counter[str] = Counter()
        """`connections` that were opened; at a fixed rate the requests that were `missed`, as the test ended
        first."""
        self.content = 0
        """Bytes received."""
        self.began = time.time()

    def pour(self, stats: RequestStats, record: Record) -> None:
        """Add everything to Locust's statistics and to the record, and be empty."""
        content, self.content = self.content, 0
        began, self.began = self.began, time.time()
        record.events.update(self.events)
        self.events.clear()
        for phase, times in self.times.items():
            if times:
                new = Histogram()
                new.add(times)
                record.histograms[phase].merge(new)
                if phase == "exchange":
                    self._pour_into(stats, new, min(times), content, began)
                times.clear()

    def _pour_into(
        self, stats: RequestStats, new: Histogram, shortest: int, content: int, began: float
    ) -> None:
        """Make a batch of requests, as a worker sends it to its master, and add that."""
        batch = StatsEntry(stats, self.name, self.method)
        batch.start_time = began
        batch.last_request_timestamp = self.began
        batch.num_requests = new.count
        batch.num_reqs_per_sec[int(self.began)] = new.count
        batch.total_content_length = content
        # Locust annotates these as whole numbers and computes with them as with any.
        batch.min_response_time = shortest / 1000  # type: ignore[assignment]
        batch.max_response_time = new.longest / 1000  # type: ignore[assignment]
        batch.total_response_time = new.total / 1000  # type: ignore[assignment]
        for number, count in new.groups.items():
            batch.response_times[milliseconds(number)] += count  # type: ignore[index]
        stats.entries[self.name, self.method].extend(batch)
        stats.total.extend(batch)


class Record:
    """Everything that users of one kind have done: histograms by phase, and counts of events."""

    def __init__(self) -> None:
        self.histograms = {phase: Histogram() for phase in PHASES}
        self.events: Counter[str] = Counter()

    def merge(self, packed: Mapping[str, Any]) -> None:
        """Take what another process has packed."""
        for phase, histogram in packed["times"].items():
            self.histograms[phase].merge(Histogram.unpack(histogram))
        self.events.update(packed["events"])

    def pack(self) -> dict[str, Any]:
        """For the way to another process."""
        times = {phase: histogram.pack() for phase, histogram in self.histograms.items() if histogram.count}
        return {"times": times, "events": dict(self.events)}

    def summary(self) -> dict[str, Any]:
        """Figures for people and programs, in microseconds."""
        times = {phase: found.summary()._asdict() for phase, found in self.histograms.items() if found.count}
        return {"events": dict(self.events), **times}


class Ledger:
    """All tallies of this process, and where they are poured: Locust's statistics, and records by name."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._environment: Environment | None = None
        self.records: dict[tuple[str, str], Record] = {}
        """By type and name, as in Locust's table. On a worker only what has not been reported yet."""

    def tally(self, method: str, name: str) -> Tally:
        """The tally of that name; made when it is first asked for."""
        return self._tallies.setdefault((method, name), Tally(method, name))

    def attach(self, environment: Environment) -> None:
        """Pour into this environment from now on, at regular times."""
        locust.stats.bucket_response_time = two_digits  # type: ignore[assignment]
        self._environment = environment
        environment.events.test_start.add_listener(self.clear)  # type: ignore[no-untyped-call]
        environment.events.test_stop.add_listener(self.close)  # type: ignore[no-untyped-call]
        environment.events.worker_report.add_listener(self.merge)  # type: ignore[no-untyped-call]
        gevent.spawn(self._keep_pouring)

    def clear(self, **_: object) -> None:
        """Forget what the last run left behind."""
        self._tallies.clear()
        self.records.clear()

    def pour(self) -> None:
        """Bring Locust's statistics and the records up to date."""
        if self._environment is not None:
            for key, tally in self._tallies.items():
                tally.pour(self._environment.stats, self.records.setdefault(key, Record()))

    def report(self, data: dict[str, Any]) -> None:
        """On a worker: put what is new into the report to the master."""
        self.pour()
        data[KEY] = [[*key, record.pack()] for key, record in self.records.items()]
        self.records.clear()

    def merge(self, data: dict[str, Any], **_: object) -> None:
        """On the master: add what a worker has reported."""
        for method, name, packed in data.get(KEY, ()):
            self.records.setdefault((method, name), Record()).merge(packed)

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

    def summary(self) -> list[dict[str, Any]]:
        """All records, in the order of their names, which is that of the ladder."""
        ordered = sorted(self.records.items(), key=lambda item: item[0][1])
        return [{"type": method, "name": name, **record.summary()} for (method, name), record in ordered]

    def _keep_pouring(self) -> None:
        while True:
            gevent.sleep(POUR_EVERY)
            self.pour()


LEDGER = Ledger()
