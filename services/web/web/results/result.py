"""A bench's result.json, as far as the pages show it. bench/README.md says what its members mean.

Within a schema's number members are only added, so what is not known is passed over; what is missing is shown
as missing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

__all__ = ["SCHEMA", "Check", "Entry", "Figure", "MalformedError", "Result"]

SCHEMA = "layercake-bench/1"

#: Past it nothing was measured.
LARGEST = 1e15


class MalformedError(Exception):
    """This is no result that we know, and why."""


@dataclass(frozen=True)
class Figure:
    """The median of some rounds, and its interval."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, value: object) -> "Figure | None":
        """Read one, where it was measured."""
        if not isinstance(value, Mapping):
            return None
        numbers = [number(value.get(name)) for name in ("median", "low", "high")]
        median, low, high = numbers
        if median is None or low is None or high is None:
            return None
        return cls(median, low, high)


@dataclass(frozen=True)
class Check:
    """One line of the audit."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Entry:
    """One thing that was measured, by one way."""

    name: str
    title: str
    via: str
    service: str
    job: str
    cost: Figure | None  # µs of processor time a request, all but the generator's
    share: Figure | None  # the service's part of it
    rate: Figure | None  # requests/s in the closed loop
    median_latency: float | None  # µs at the fixed rate
    p99: float | None
    p999: float | None
    failed: int
    saturated: tuple[str, ...]
    client_limited: bool
    wrong: int  # replies that were not what they should be
    waiting: int  # connections that were not served at all

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Entry":
        """Read one."""
        cpu, opened = members(value, "cpu_us"), members(value, "open")
        closed = members(value, "closed") or members(value, "delivery")
        latency = members(opened, "latency") or members(closed, "latency")
        return cls(
            name=text(value, "name"),
            title=text(value, "title") or text(value, "name"),
            via=text(value, "via"),
            service=text(value, "service"),
            job=text(value, "job"),
            cost=Figure.of(cpu.get("server")),
            share=Figure.of(cpu.get("service")),
            rate=Figure.of(closed.get("throughput")),
            median_latency=number(latency.get("p50")),
            p99=number(latency.get("p99")),
            p999=number(latency.get("p999")),
            failed=int((number(opened.get("failed")) or 0) + (number(closed.get("failed")) or 0)),
            saturated=tuple(words(value, "saturated")),
            client_limited=bool(value.get("client_limited")),
            wrong=int(number(value.get("wrong")) or 0),
            waiting=int((number(value.get("connections")) or 0) - (number(value.get("served")) or 0)),
        )


@dataclass(frozen=True)
class Result:
    """One run of the bench."""

    title: str
    question: str
    suite: str
    unit: str  # what a cost is for: a request, a delivered message
    started: datetime
    seconds: float
    complete: bool
    stopped: str
    mode: str
    quick: bool
    audited: bool
    checks: tuple[Check, ...]
    settings: Mapping[str, Any]
    machine: Mapping[str, Any]
    stack: Mapping[str, Any]
    versions: Mapping[str, Any]
    entries: tuple[Entry, ...]
    absent: tuple[tuple[str, str], ...]  # who of a comparison could not be measured, and why

    @classmethod
    def read(cls, content: bytes) -> "Result":
        """Read one. Raises MalformedError."""
        try:
            value = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise MalformedError("result.json is no JSON.") from error
        if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
            raise MalformedError(f"result.json is not in the form {SCHEMA}: it is another version's.")
        audit = members(value, "audit")
        return cls(
            title=text(value, "title"),
            question=text(value, "question"),
            unit=text(value, "unit") or "request",
            suite=text(value, "suite"),
            started=moment(text(value, "started")),
            seconds=number(value.get("seconds")) or 0.0,
            complete=value.get("complete") is True,
            stopped=text(value, "stopped"),
            mode=text(value, "mode"),
            quick=value.get("quick") is True,
            audited=audit.get("passed") is True,
            checks=tuple(
                Check(text(check, "name"), check.get("passed") is True, text(check, "detail"))
                for check in objects(audit, "checks")
            ),
            settings=members(value, "settings"),
            machine=members(value, "machine"),
            stack=members(value, "stack"),
            versions=members(value, "versions"),
            entries=tuple(Entry.of(entry) for entry in objects(value, "entries")),
            absent=tuple(
                (text(each, "title") or text(each, "name"), text(each, "reason"))
                for name in ("left_out", "unwell")
                for each in objects(value, name)
            ),
        )


# --- members of an object that somebody else has written ----------------------------------------------------


def members(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member that is an object, or an empty one."""
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def objects(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A member that is a list of objects."""
    found = value.get(name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def words(value: Mapping[str, Any], name: str) -> list[str]:
    """A member that is a list of texts."""
    found = value.get(name)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def text(value: Mapping[str, Any], name: str) -> str:
    """A member that is text, or none."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def number(value: object) -> float | None:
    """A number that can be drawn: JSON has no infinity, but Python reads one."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not -LARGEST < value < LARGEST:
        return None
    return float(value)


def moment(value: str) -> datetime:
    """A time of day; the beginning of time where there is none."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
