"""What the page shows, as JSON: the test, its rows in the order of the ladder, the hops, the limit."""

from __future__ import annotations

import time
from collections import deque
from math import log2
from typing import TYPE_CHECKING, Any, Final

from loadtests.histogram import middle
from loadtests.options import HOPS
from loadtests.processors import FULL, GENERATORS, Processors, Work, saturated
from loadtests.tally import LEDGER, PHASES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from locust.env import Environment

    from loadtests.tally import Record

__all__ = ["BINS", "Report", "bins", "verdict"]

BINS: Final = 4
"""Bars of the picture in each doubling of the time."""

LATELY: Final = 6.0
"""Seconds that count as just now. Workers report once a second."""

Key = tuple[str, str]


class Report:
    """Put together whenever somebody looks; while nobody does it costs nothing."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._processors = Processors(HOPS)
        self._past: deque[tuple[float, dict[Key, dict[int, int]]]] = deque()

    def now(self) -> dict[str, Any]:
        """Everything at once."""
        LEDGER.pour()
        runner = self._environment.runner
        state = runner.state if runner else "ready"
        work = self._processors.work()
        generators = GENERATORS.shares(runner)
        machine, cores = self._processors.machine, self._processors.cores
        full = saturated(work, generators.values(), machine, cores)
        return {
            "state": state,
            "users": runner.user_count if runner else 0,
            "generators": [{"name": name, "share": share} for name, share in generators.items()],
            "hops": [{"name": name, **done._asdict()} for name, done in work.items()],
            "unseen": self._processors.unseen,
            "machine": {"busy": machine, "cores": cores},
            "saturated": full if state in ("spawning", "running") else [],
            "verdict": verdict(state, full, work, self._processors.unseen),
            "rows": self._rows(),
        }

    def _rows(self) -> list[dict[str, Any]]:
        entries = self._environment.stats.entries
        lately = self._lately()
        keys = {*LEDGER.records, *((name[1], name[0]) for name in entries)}
        rows = []
        for method, name in sorted(keys, key=lambda key: key[1]):
            entry = entries.get((name, method))
            record = LEDGER.records.get((method, name))
            rows.append(
                {
                    "type": method,
                    "name": name,
                    "failed": entry.num_failures if entry else 0,
                    "rate": entry.current_rps if entry else 0.0,
                    "bars": bins(groups(record)),
                    "lately": bins(lately.get((method, name), {})),
                    **figures(record),
                }
            )
        return rows

    def _lately(self) -> dict[Key, dict[int, int]]:
        """What has been added to each histogram since a few seconds ago."""
        now = time.monotonic()
        current = {key: dict(groups(record)) for key, record in LEDGER.records.items()}
        if not self._past or now - self._past[-1][0] >= 1:
            self._past.append((now, current))
        while len(self._past) > 1 and now - self._past[0][0] > LATELY:
            self._past.popleft()
        _, before = self._past[0]
        return {key: added(before.get(key, {}), after) for key, after in current.items()}


def added(before: Mapping[int, int], after: Mapping[int, int]) -> dict[int, int]:
    """What there is more of; a test that began anew has less, and all of it is new."""
    more = {number: count - before.get(number, 0) for number, count in after.items()}
    return dict(after) if any(count < 0 for count in more.values()) else more


def groups(record: Record | None) -> Mapping[int, int]:
    """The histogram that is shown."""
    return record.histograms["exchange"].groups if record else {}


def figures(record: Record | None) -> dict[str, Any]:
    """Percentiles by phase, and counts of events."""
    found = record.summary() if record else {"events": {}}
    return {phase: found.get(phase) for phase in PHASES} | {"events": found["events"]}


def bins(counts: Mapping[int, int]) -> list[list[int]]:
    """Bars on a scale of doublings, as numbers and counts. Bar n begins at 2 ** (n / 4) µs."""
    bars: dict[int, int] = {}
    for number, count in counts.items():
        if count:
            bar = int(log2(max(middle(number), 1)) * BINS)
            bars[bar] = bars.get(bar, 0) + count
    return [[bar, bars[bar]] for bar in sorted(bars)]


def verdict(state: str, full: Iterable[str], work: Mapping[str, Work], unseen: Iterable[str]) -> str:
    """What is saturated, in a sentence or two."""
    if state not in ("spawning", "running"):
        return "No test runs."
    who = ", ".join(unseen) if work else "The other containers"
    hidden = f" {who} can't be seen from here; `docker stats` shows them." if list(unseen) else ""
    if not (full := list(full)):
        busiest = max(work.items(), key=lambda item: item[1].busiest, default=None)
        beside = f" The busiest is {busiest[0]}." if busiest and busiest[1].busiest > FULL / 2 else ""
        return (f"Nothing that can be seen is at its limit.{beside}{hidden}").strip()
    said = [SAID.get(name, f"{name}: one of its processes has a whole core and wants more.") for name in full]
    return " ".join(said) + hidden


SAID: Final = {
    "generator": "The generator is at its limit: these figures are the client's, not the server's. "
    "Start more workers, or offer less.",
    "machine": "Every core of this machine is busy: whoever gets more of them takes it from somebody else.",
}
