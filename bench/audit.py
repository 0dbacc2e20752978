"""The checks that a run has to pass before its figures are believed. All are printed, passed or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from loadtests.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.rounds import Contender, Turn

    Examination = Callable[[Mapping[Contender, Sequence[Turn]]], "Check"]

__all__ = ["EVERYTHING", "FAULTS", "INSTRUMENT", "Check", "audit", "late"]

LITTLE: Final = 0.05
"""By how much Little's law may miss. A user counts from its first request to its last reply: at a window's
ends there are fewer of them than were asked for, and where one is stuck, nearly none."""

LATE: Final = 5_000
"""µs. The timers of an event loop are late by a millisecond; beyond this the generator, not the schedule,
decides when a request goes out."""

GENERATOR: Final = 0.8
"""Cores that the generator may use at the fixed rate before it delays its own requests."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check, and what was found."""

    name: str
    wrong: tuple[str, ...]
    detail: str

    def as_json(self) -> dict[str, Any]:
        detail = self.detail if not self.wrong else f"{self.detail}. Not so: {'; '.join(self.wrong)}"
        return {"name": self.name, "passed": not self.wrong, "detail": detail}


def audit(
    turns: Mapping[Contender, Sequence[Turn]], checks: Sequence[Examination] | None = None
) -> list[Check]:
    """Every check over every contender's turns, or these."""
    return [check(turns) for check in checks or EVERYTHING]


def answered(turns: Mapping[Contender, Sequence[Turn]]) -> Check:
    """Every reply is right, byte for byte."""
    wrong, total = [], 0
    for contender, each in turns.items():
        reasons: dict[str, int] = {}
        for outcome in (outcome for turn in each for outcome in (turn.open, turn.closed)):
            total += outcome.ok
            for reason, count in outcome.failures.items():
                reasons[reason] = reasons.get(reason, 0) + count
        wrong += [f"{contender.title}: {count:,} × {reason}" for reason, count in reasons.items()]
    return Check("every reply was right, byte for byte", tuple(wrong), f"{total:,} replies were compared")


def summed(turns: Mapping[Contender, Sequence[Turn]]) -> Check:
    """Nothing is lost in our own books."""
    wrong = []
    for contender, each in turns.items():
        for turn in each:
            wrong += [
                f"{contender.title}: {outcome.sent} sent, {outcome.ok} + {outcome.failed}"
                for outcome in (turn.open, turn.closed)
                if outcome.sent != outcome.ok + outcome.failed or outcome.latency.count != outcome.ok
            ]
            if turn.open.sent + turn.open.missed != turn.due:
                wrong.append(
                    f"{contender.title}: {turn.due} due, {turn.open.sent} sent, {turn.open.missed} missed"
                )
    return Check("sent = right + failed, and due = sent + missed", tuple(wrong), "in every window")


def booked(turns: Mapping[Contender, Sequence[Turn]]) -> Check:
    """The other side has counted the same."""
    wrong, equal, silent = [], 0, set()
    for contender, each in turns.items():
        for turn in each:
            books = turn.books
            for name, count in ((contender.candidate.service, books.server), ("nginx", books.nginx)):
                if count is None:
                    silent |= {contender.title} if name != "nginx" else set()
                elif count == books.client:
                    equal += 1
                else:
                    wrong.append(f"{contender.title}: {name} counted {count:,}, the client {books.client:,}")
    detail = f"{equal} counts were compared, to the last request"
    if silent:
        detail += f"; {', '.join(sorted(silent))} tells no count of its own"
    return Check("the client's count = the server's own", tuple(wrong), detail)


def little(turns: Mapping[Contender, Sequence[Turn]]) -> Check:
    """In a closed loop users = throughput × mean time: what was timed is what was done."""
    wrong, worst = [], 0.0
    for contender, each in turns.items():
        time = sum(turn.closed.latency.total for turn in each) / 1e6
        held = sum(turn.closed.held for turn in each)
        miss = abs(time / held - 1) if held else 0.0
        worst = max(worst, miss)
        if miss > LITTLE and not any(turn.closed.failed or turn.closed.refused for turn in each):
            wrong.append(f"{contender.title}: off by {miss:.0%}")
    return Check("Little's law: users = throughput × mean time", tuple(wrong), f"off by {worst:.1%} at most")


def offered(turns: Mapping[Contender, Sequence[Turn]]) -> Check:
    """The fixed rate was kept."""
    missed = {contender: sum(turn.open.missed for turn in each) for contender, each in turns.items()}
    wrong = tuple(
        f"{contender.title}: {count:,} were never sent" for contender, count in missed.items() if count
    )
    return Check("every request of the fixed rate was sent", wrong, f"{sum(missed.values()):,} were missed")


def punctual(turns: Mapping[Contender, Sequence[Turn]]) -> Check:
    """And in time."""
    wrong, worst = [], 0.0
    for contender, each in turns.items():
        late = Histogram()
        for turn in each:
            late.merge(turn.open.lateness)
        worst = max(worst, late.percentile(0.99))
        if late.percentile(0.99) > LATE:
            wrong.append(f"{contender.title}: {late.percentile(0.99) / 1000:.1f} ms")
    return Check("the generator sent in time (p99)", tuple(wrong), f"late by {worst / 1000:.1f} ms at most")


def late(turn: Turn) -> bool:
    """Was the generator held up in this turn?"""
    return turn.open.lateness.percentile(0.99) > LATE


def unhurried(turns: Mapping[Contender, Sequence[Turn]]) -> Check:
    """With a generator that had time to spare."""
    used = {
        contender: max((turn.open_use["generator"].cores for turn in each), default=0.0)
        for contender, each in turns.items()
    }
    wrong = tuple(f"{contender.title}: {cores:.0%}" for contender, cores in used.items() if cores > GENERATOR)
    detail = f"it used {max(used.values(), default=0):.0%} of a core at most"
    return Check("the generator had time to spare at the fixed rate", wrong, detail)


def ordered(turns: Mapping[Contender, Sequence[Turn]]) -> Check:
    """Percentiles rise."""
    wrong = []
    for contender, each in turns.items():
        for turn in each:
            for outcome in (turn.open, turn.closed):
                found = [outcome.latency.percentile(part) for part in (0, 0.5, 0.9, 0.99, 0.999, 1)]
                if found != sorted(found) or found[-1] > outcome.latency.longest:
                    wrong.append(f"{contender.title}: {found}")
    return Check("percentiles are in order", tuple(wrong), "p0 ≤ p50 ≤ p90 ≤ p99 ≤ p99.9 ≤ longest")


EVERYTHING: Final[tuple[Examination, ...]] = (
    answered, summed, booked, little, offered, punctual, unhurried, ordered,
)  # fmt: skip

INSTRUMENT: Final[tuple[Examination, ...]] = (summed, little, punctual, unhurried, ordered)
"""Those of our own doing. What the servers of a comparison do wrong is a finding, and no fault of the run."""

FAULTS: Final[tuple[Examination, ...]] = (answered, summed, booked, offered)
"""Those that tell of somebody else than a generator that was held up."""
