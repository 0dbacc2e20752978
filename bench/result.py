"""result.json: made of what was measured, written, and read again. README.md has its fields."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench.complaint import Complaint
from bench.figures import Figure
from bench.hops import OTHERS
from bench.orders import Outcome
from bench.saturation import CLIENT_LIMITED, saturated, typical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.rounds import Contender, Turn
    from loadtests.histogram import Histogram

__all__ = ["SCHEMA", "entry", "latency", "read"]

SCHEMA: Final = "layercake-bench/1"

BOOKS: Final = ("client", "server", "nginx")

CURVE: Final = (
    0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.985, 0.99,
    0.9925, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99999,
)  # fmt: skip
"""The parts of all requests whose times the curve shows."""


def latency(histogram: Histogram) -> dict[str, Any]:
    """Percentiles in µs. A part of the requests that is less than one of them has none."""
    summary = histogram.summary()._asdict()
    parts = [part for part in CURVE if part == 0 or histogram.count * (1 - part) >= 1]
    return {**summary, "curve": [[part, round(histogram.percentile(part), 1)] for part in parts]}


def total(outcomes: Sequence[Outcome]) -> Outcome:
    """All windows as one."""
    everything = Outcome()
    for outcome in outcomes:
        everything.add(outcome)
    return everything


def costs(turns: Sequence[Turn]) -> dict[str, Any]:
    """µs of processor time a request at the fixed rate, by role. The generator's core is another; of the
    stack's roles each round is as at the median pace of all rounds, if it is known of all.
    """
    found = {role: at_pace(spent(role, turns), turns) for role in stack_roles(turns)}
    server = [sum(each) for each in zip(*found.values(), strict=True)]
    generator = {"generator": spent("generator", turns)} if "generator" in turns[0].open_use else {}
    return {
        role: Figure.of(values).as_json() for role, values in {**found, **generator, "server": server}.items()
    }


def stack_roles(turns: Sequence[Turn]) -> list[str]:
    """All but the generator, and whoever else was there."""
    return [role for role in turns[0].open_use if role not in {OTHERS, "generator"}]


def spent(role: str, turns: Sequence[Turn]) -> list[float]:
    """µs a request in each round, as measured."""
    return [turn.open_use[role].processor * 1e6 / max(turn.open.sent, 1) for turn in turns]


def at_pace(values: Sequence[float], turns: Sequence[Turn]) -> list[float]:
    """The same if all rounds had had the median pace of these: of the same rung, which has its own part in
    how fast somebody beside it is.
    """
    paces = [turn.pace for turn in turns if turn.pace]
    if len(paces) < len(turns):
        return [*values]
    usual = median(paces)
    return [value * pace / usual for value, pace in zip(values, paces, strict=True)]


def entry(
    contender: Contender, turns: Sequence[Turn], rate: float, ceilings: Mapping[str, Figure]
) -> dict[str, Any]:
    """One candidate by one way."""
    candidate = contender.candidate
    opened, closed = total([turn.open for turn in turns]), total([turn.closed for turn in turns])
    loop = closed_loop(turns, closed)
    throughput = loop["closed"]["throughput"]["median"] if loop else 0.0
    use = {role: typical([turn.closed_use[role] for turn in turns]) for role in turns[0].closed_use}
    ceiling = ceilings.get(candidate.protocol)
    rounds = zip(*(spent(role, turns) for role in stack_roles(turns)), strict=True)
    return {
        "name": candidate.name,
        "title": candidate.title,
        "via": contender.via,
        "service": candidate.service,
        "protocol": candidate.protocol,
        "job": candidate.job,
        "number": candidate.number,
        "adds": candidate.adds,
        "stands_on": candidate.stands_on,
        "cpu_us": costs(turns),
        "as_measured": {
            "server": [round(sum(each), 3) for each in rounds],
            "pace": [turn.pace and round(turn.pace) for turn in turns],
        },
        "open": {
            "rate": rate,
            **counted(opened),
            "missed": opened.missed,
            "latency": latency(opened.latency),
            "lateness": latency(opened.lateness),
        },
        **(loop or delivery(turns, opened)),
        "memory": {role: max(turn.memory[role] for turn in turns) for role in turns[0].memory},
        "use": {
            role: {
                "cpu": round(each.cores, 3), "demand": round(each.demand, 3),
                "throttled": round(each.throttled, 3),
            }
            for role, each in use.items()
        },
        "saturated": saturated(use),
        "client_limited": bool(ceiling and throughput >= CLIENT_LIMITED * ceiling.median),
        "counted": {
            name: summed([getattr(turn.books, name) for turn in turns]) for name in BOOKS
        },
    }  # fmt: skip


def delivery(turns: Sequence[Turn], opened: Outcome) -> dict[str, Any]:
    """A room has no closed loop: nobody listens faster than somebody speaks."""
    return {"delivery": {"listeners": turns[0].users, "expected": opened.sent, "received": opened.ok}}


def closed_loop(turns: Sequence[Turn], closed: Outcome) -> dict[str, Any]:
    """Where there is one."""
    if not closed.seconds:
        return {}
    throughput = Figure.of([turn.closed.ok / turn.closed.seconds for turn in turns])
    return {
        "closed": {
            "users": turns[0].users,
            **counted(closed),
            "throughput": throughput.as_json(),
            "latency": latency(closed.latency),
        }
    }


def counted(outcome: Outcome) -> dict[str, Any]:
    """What went out and how it ended."""
    return {
        "sent": outcome.sent,
        "ok": outcome.ok,
        "failed": outcome.failed,
        "refused": outcome.refused,
        "reconnects": outcome.reconnects,
        "failures": dict(sorted(outcome.failures.items())),
    }


def summed(counts: Sequence[int | None]) -> int | None:
    """The sum, if all of them are known."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def read(folder: Path) -> dict[str, Any]:
    """A run's result, by its folder or its file. Raises Complaint."""
    file = folder / "result.json" if folder.is_dir() else folder
    try:
        members = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Complaint(
            f"{folder} holds no result that can be read ({error.strerror}): name a folder of results/"
        ) from None
    except ValueError:
        raise Complaint(f"{file} is not JSON: it is no result of `make bench`") from None
    schema = members.get("schema") if isinstance(members, dict) else None
    if schema != SCHEMA:
        raise Complaint(f"{file} has the schema {schema}, and this bench reads {SCHEMA}: measure again")
    return dict(members)
