"""The state of the whole stack, asked for at most about once a second however many people look."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from web.probes import DOWN, Answer

__all__ = ["Report", "Survey"]

#: Seconds that a report serves everyone who asks.
LIFETIME = 1.0

#: Seconds that one round waits for all its answers. Probes give up by themselves a little earlier, step by
#: step; a name server that does not answer is what only this limit sees.
PATIENCE = 2.0


@dataclass(frozen=True, eq=False)
class Report:
    """One round of questions: when it ended, and what each service said. Each is one of its own kind."""

    at: datetime
    moment: float
    answers: Mapping[str, Answer]
    rates: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return what ``GET /status/`` sends."""
        return {
            "at": self.at.isoformat(timespec="milliseconds"),
            "services": {
                name: {**asdict(answer), "requests_per_second": self.rates.get(name)}
                for name, answer in self.answers.items()
            },
        }


class Survey:
    """Asks every service at once, in threads of its own, and keeps the newest report.

    Any thread may call `latest`. One of them at a time asks; the others get the report there is, so that a
    service that hangs delays nobody but the first visitor. The threads belong to this object and end with the
    process.
    """

    def __init__(self, probes: Mapping[str, Callable[[], Answer]]) -> None:
        self.probes = probes
        self.asking = threading.Lock()
        self.report: Report | None = None
        self.pending: dict[str, Future[Answer]] = {}
        self.threads = ThreadPoolExecutor(len(probes), thread_name_prefix="survey")

    def latest(self) -> Report:
        """Return a report that is about a second old at most, or is being renewed by someone else."""
        report = self.report
        if report is not None and time.monotonic() - report.moment < LIFETIME:
            return report
        # Whoever finds the lock taken uses the old report; only where there is none yet all must wait for the
        # first.
        if not self.asking.acquire(blocking=report is None):
            return report or self.latest()
        try:
            if self.report is report:
                self.report = self.ask(report)
            return self.report or self.ask(report)
        finally:
            self.asking.release()

    def ask(self, previous: Report | None) -> Report:
        """Ask everyone and wait. A probe that still hangs from the last round is not started again."""
        for name, probe in self.probes.items():
            if name not in self.pending:
                self.pending[name] = self.threads.submit(probe)
        wait(self.pending.values(), timeout=PATIENCE)
        answers = {name: self.answer(name) for name in self.probes}
        moment = time.monotonic()
        rates = {} if previous is None else rates_between(previous, answers, moment)
        return Report(datetime.now(UTC), moment, answers, rates)

    def answer(self, name: str) -> Answer:
        """Return what one service said, or that it has not yet."""
        if not self.pending[name].done():
            return Answer(DOWN, f"There is no answer after {PATIENCE:g} seconds.")
        return self.pending.pop(name).result()


def rates_between(previous: Report, answers: Mapping[str, Answer], moment: float) -> dict[str, float]:
    """Return requests per second since the report before. A count that went back is a restarted service's."""
    seconds = moment - previous.moment
    rates = {}
    for name, answer in answers.items():
        before = previous.answers[name].requests
        if before is not None and answer.requests is not None and answer.requests >= before:
            rates[name] = round((answer.requests - before) / seconds, 1)
    return rates
