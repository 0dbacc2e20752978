"""The page of a search for a limit: what was tried, where it broke, what came beyond and after."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Final

from bench.report.page import document
from bench.report.sections import section
from bench.report.svg import Drawing, Logarithmic
from bench.report.words import amount, table, time
from bench.result import SCHEMA

__all__ = ["page", "result"]

QUESTION: Final = "At which rate does it break, what happens beyond, and how long does it take to come back?"

WIDTH: Final = 720

SHARED: Final = ("started", "seconds", "machine", "mode", "stack", "versions", "road")
"""What limit.json and result.json call by the same name."""

METHOD: Final = Path(__file__).with_name("method-limit.txt").read_text(encoding="utf-8").splitlines()

Facts = dict[str, Any]


def page(facts: Facts) -> str:
    """limit.json as HTML."""
    return document(
        title(facts), QUESTION, [facts["started"], machine(facts), f"{facts['users']} connections"],
        [], [found(facts), method(facts)],
    )  # fmt: skip


def title(facts: Facts) -> str:
    """What was searched for."""
    return f"The limit of {facts['rung']} ({facts['via']})"


def machine(facts: Facts) -> str:
    """What it was measured on."""
    return f"{facts['machine']['processor']}, {facts['machine']['cores']} cores"


def found(facts: Facts) -> str:
    """The picture, and a line for each rate that was tried."""
    bound = facts["bound_ms"] * 1000
    back = facts["recovered_seconds"]
    after = "was not back in time" if back is None else f"was back within the bound after {back:g} s"
    words = (
        f"It keeps {amount(facts['kept']['rate'])} requests a second with a p99 within {time(bound)}; at "
        f"{amount(facts['breaks']['rate'])}: {facts['breaks']['why']}. After the highest rate it {after}."
    )
    rows = [
        [
            amount(each["rate"]), amount(each["ok"]), amount(each["failed"]), amount(each["missed"]),
            time(each["latency"]["p50"]), time(each["latency"]["p99"]), each["why"] or "kept",
        ]
        for each in sorted(facts["tried"], key=lambda each: float(each["rate"]))
    ]  # fmt: skip
    head = ("offered/s", "answered", "failed", "unsent", "p50", "p99", "")
    return section(
        "Where it breaks",
        escape(words),
        f"<figure>{picture(facts['tried'], bound)}{table(head, rows)}</figure>",
    )


def picture(tried: list[Facts], bound: float) -> Drawing:
    """p99 over the rate that was offered, both axes logarithmic; the bound is a line across."""
    left, right, bottom = 74.0, 680.0, 296.0
    drawing = Drawing(WIDTH, 330, "p99 over the offered rate")
    points = sorted(
        (float(each["rate"]), float(each["latency"]["p99"]), each) for each in tried if each["ok"]
    )
    heights = [bound, *(p99 for _, p99, _ in points)]
    up = Logarithmic(min(heights), max(heights), bottom, 20)
    across = Logarithmic(min(rate for rate, _, _ in points), max(rate for rate, _, _ in points), left, right)
    for tick in up.ticks:
        drawing.line(left, up.at(tick), right, up.at(tick), "grid")
        drawing.text(left - 6, up.at(tick) + 4, time(tick), "small", "end")
    for tick in across.ticks:
        drawing.line(across.at(tick), 20, across.at(tick), bottom, "grid")
        drawing.text(across.at(tick), bottom + 16, f"{tick:,.0f}/s", "small", "middle")
    drawing.line(left, up.at(bound), right, up.at(bound), "ceiling")
    for rate, p99, each in points:
        kind = "f0" if each["kept"] else "f3"
        drawing.dot(
            across.at(rate), up.at(p99), kind, f"{amount(rate)}/s: {time(p99)}, {each['why'] or 'kept'}"
        )
    return drawing


def method(facts: Facts) -> str:
    """In a few lines."""
    rows = [
        ["rung", f"{facts['rung']}, {facts['via']}"],
        ["bound", f"p99 within {facts['bound_ms']:g} ms"],
        ["closed loop", f"{amount(facts['closed_throughput'])}/s"],
        ["connections, bytes", f"{facts['users']}, {facts['payload']}"],
        ["stack", f"{facts['mode']}, reached by {facts['road']}"],
        ["versions", ", ".join(f"{name} {number}" for name, number in facts["versions"].items())],
    ]  # fmt: skip
    items = "".join(f"<li>{escape(line)}</li>" for line in METHOD)
    return section("Method", "How it was searched.", f"<ol>{items}</ol>", table(("", ""), rows))


def result(facts: Facts) -> dict[str, Any]:
    """What the results' pages know a run by: no entries, but a finding."""
    settings = {"users": facts["users"], "payload": facts["payload"], "bound_ms": facts["bound_ms"]}
    return {
        "schema": SCHEMA, "title": title(facts), "suite": "limit", "question": QUESTION, "unit": "request",
        **{name: facts[name] for name in SHARED},
        "complete": True, "stopped": "", "quick": False, "settings": settings, "pinned": True, "others": 0.0,
        "audit": {"passed": True, "checks": []}, "ceilings": {}, "entries": [], "findings": [facts],
    }  # fmt: skip
