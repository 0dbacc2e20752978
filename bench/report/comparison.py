"""What the report of a comparison says, a section a function."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench.report import findings, lines
from bench.report.charts import COLOURS
from bench.report.lines import Bar, Line
from bench.report.sections import audit, method, section, use
from bench.report.words import amount, interval, mebibytes, table, time
from comparisons.suites import comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["SECTIONS"]

Result = dict[str, Any]
Entry = dict[str, Any]

METHOD: Final = Path(__file__).with_name("method-comparison.txt").read_text(encoding="utf-8").splitlines()


def own(result: Result) -> str:
    """What a suite of another kind has to say."""
    report = comparison(result["suite"]).report
    return report(result["findings"]) if report is not None and result["findings"] else ""


def exchanges(result: Result) -> str:
    """Everything that was asked, one after the other."""
    kinds = dict.fromkeys((entry["exchange"], entry["protocol"]) for entry in result["entries"])
    return "".join(asked(result, *kind) for kind in kinds)


PROTOCOLS: Final = {"http": "HTTP", "ws": "WebSocket", "tcp": "TCP", "room": "WebSocket"}


def asked(result: Result, exchange: str, protocol: str) -> str:
    """One exchange: pictures, sentences, and the table."""
    entries = [
        {**entry, "short": shorter(result, entry)}
        for entry in result["entries"]
        if (entry["exchange"], entry["protocol"]) == (exchange, protocol)
    ]
    shorten(entries)
    several = len({entry["connections"] for entry in entries}) > 1
    pictures = curves(result, entries) if several else ranked(result, entries)
    rate, users = amount(entries[0]["open"]["rate"]), amount(entries[0]["connections"])
    title = f"{exchange.capitalize()} over {PROTOCOLS[protocol]}"
    words = f"At {rate} requests a second, and then as many as it takes"
    if not several:
        words += f", over {users} connections"
    if protocol == "room":
        title = "A room over WebSocket"
        words = f"{rate} posts a second, {users} listeners; a cost is for each message that one of them hears"
    return section(
        title,
        f"{words}. {escape(findings.served(entries))}",
        pictures,
        figures(result, entries),
    )


def shorter(result: Result, entry: Entry) -> str:
    """A candidate's name in a row: with its way where there are several."""
    title = card(result, entry)["title"]
    ways = {each["via"] for each in result["entries"]}
    return f"{title} · {entry['via']}" if len(ways) > 1 else str(title)


def shorten(entries: Sequence[Entry]) -> None:
    """What all names begin with, as in `tcp, threads`, tells nobody from another."""
    begin = {str(entry["short"]).partition(", ")[0] for entry in entries}
    if len(begin) == 1 and all(", " in entry["short"] for entry in entries):
        for entry in entries:
            entry["short"] = entry["short"].partition(", ")[2]


def card(result: Result, entry: Entry) -> dict[str, Any]:
    """What is known of its candidate."""
    found: dict[str, Any] = next(each for each in result["candidates"] if each["name"] == entry["candidate"])
    return found


def place(result: Result, entry: Entry) -> int:
    """A candidate's number, which decides its colour."""
    return [each["name"] for each in result["candidates"]].index(entry["candidate"])


def look(result: Result, entry: Entry, *, limited: bool) -> str:
    """The class of its bar: who is wrong, or at the client's limit, is not drawn like the others."""
    kind = f"c{place(result, entry) % COLOURS}"
    if entry["wrong"]:
        return f"{kind} wrong"
    return f"{kind} limited" if limited else kind


def bar(result: Result, entry: Entry, found: dict[str, Any]) -> Bar:
    """A candidate's, with what it lets pass beside it."""
    failures = (conformance(result, entry) or {"failures": ()})["failures"]
    cases = f"✗ {len(failures)} case{'s' if len(failures) > 1 else ''}" if failures else ""
    note = "✗ wrong bytes" if entry["wrong"] else cases
    limited = (
        entry["client_limited"] and found is not entry["cpu_us"]["server"]
    )  # what it costs is not less true
    return Bar(entry["short"], found, look(result, entry, limited=limited), note)


def conformance(result: Result, entry: Entry) -> dict[str, Any] | None:
    """What came of the check, for the protocol that it was asked over."""
    protocol = "ws" if entry["protocol"] == "room" else entry["protocol"]
    found: dict[str, Any] | None = card(result, entry)["conformance"].get(protocol)
    return found


def ranked(result: Result, entries: Sequence[Entry]) -> str:
    """Bars: what it costs, and how much at most."""
    cost = [
        bar(result, entry, entry["cpu_us"]["server"])
        for entry in sorted(entries, key=lambda entry: float(entry["cpu_us"]["server"]["median"]))
    ]
    closed = sorted(
        (entry for entry in entries if "closed" in entry),
        key=lambda entry: -float(entry["closed"]["throughput"]["median"]),
    )
    highest = [bar(result, entry, entry["closed"]["throughput"]) for entry in closed]
    parts = [
        picture("Processor time a request", findings.cheapest(entries),
                lines.bars(cost, "Processor time a request", time)),
    ]  # fmt: skip
    if highest:
        parts.append(
            picture("Highest throughput, requests a second", findings.fastest(entries),
                    lines.bars(highest, "Highest throughput", amount))
        )  # fmt: skip
    return f"<div class='pair'>{''.join(parts)}</div>"


def picture(title: str, words: str, drawing: object) -> str:
    """A picture and what one sees on it."""
    return f"<div><h3>{escape(title)}</h3><p class='finding'>{escape(words)}</p>{drawing}</div>"


class Curve(NamedTuple):
    """A figure over the number of connections."""

    what: str
    extremes: tuple[str, str]
    """What the best and the worst are said to have."""
    value: Callable[[Entry], float | None]
    write: Callable[[float], str]
    best_is_low: bool


def most(entry: Entry) -> float | None:
    """The highest throughput."""
    return float(entry["closed"]["throughput"]["median"]) if "closed" in entry else None


CURVES: Final = (
    Curve(
        "highest throughput", ("highest throughput", "lowest"),
        most, lambda each: f"{amount(each)}/s", False,
    ),
    Curve(
        "p99 at the fixed rate", ("shortest p99", "longest"),
        lambda entry: entry["open"]["latency"]["p99"] or None, time, True,
    ),
    Curve(
        "processor time a request", ("lowest cost", "highest"),
        lambda entry: float(entry["cpu_us"]["server"]["median"]), time, True,
    ),
)  # fmt: skip


def curves(result: Result, entries: Sequence[Entry]) -> str:
    """Lines over the number of connections."""
    parts = []
    for what, extremes, value, write, best_is_low in CURVES:
        rows = [
            Line(
                name,
                place(result, mine[0]),
                [(entry["connections"], found) for entry in mine if (found := value(entry)) is not None],
            )
            for name in dict.fromkeys(entry["short"] for entry in entries)
            if (mine := [entry for entry in entries if entry["short"] == name])
        ]
        words = findings.curve(entries, value, write, extremes, best_is_low=best_is_low)
        parts.append(picture(what.capitalize(), words, lines.lines(rows, what.capitalize(), write)))
    return f"<div class='pair'>{''.join(parts)}</div>"


HEAD: Final = (
    "candidate", "connections", "µs a request", "requests/s", "95 % interval", "p50", "p99",
    "memory", "correct", "",
)  # fmt: skip


def figures(result: Result, entries: Sequence[Entry]) -> str:
    """The table."""
    rows = []
    for entry in entries:
        closed = entry.get("closed", {}).get("throughput")
        latency = entry["open"]["latency"]
        wanted, got = amount(entry["connections"]), amount(entry["served"])
        rows.append([
            entry["short"],
            wanted if got == wanted else f"served {got} of {wanted}",
            time(entry["cpu_us"]["server"]["median"]),
            amount(closed["median"]) if closed else "–",
            interval(closed) if closed else "–",
            time(latency["p50"]),
            time(latency["p99"]) if latency["counted"] >= 100 else f"– (of {latency['counted']})",
            mebibytes(entry["memory"].get("service")),
            verdict(result, entry),
            remarks(entry),
        ])  # fmt: skip
    return table(HEAD, rows)


def verdict(result: Result, entry: Entry) -> str:
    """Is it right?"""
    if entry["wrong"]:
        return f"WRONG BYTES, {amount(entry['wrong'])} times"
    found = conformance(result, entry)
    if found is None:
        return "right bytes"
    if found["failures"]:
        return f"WRONG in {len(found['failures'])} of {found['total']} cases"
    return f"in all {found['total']} cases"


def remarks(entry: Entry) -> str:
    """What has to be known beside the figures."""
    said = []
    if not entry["kept"]:
        said.append(f"rate not kept: {entry['open']['ok'] / max(entry['offered'], 1):.0%} answered in time")
    if entry["client_limited"]:
        said.append("client-limited")
    if closed := entry.get("closed"):
        said += [f"{amount(count)} × {reason}" for reason, count in closed["failures"].items()]
    return "; ".join(said)


def field(result: Result) -> str:
    """Who they are, and why they are set up as they are."""
    if not result["candidates"]:
        return ""
    rows = [
        [
            each["title"],
            each["server"],
            ", ".join(f"{name} {number}" for name, number in each["versions"].items()),
            each["settings"],
            each["reason"],
        ]
        for each in result["candidates"]
    ]
    commands = table(
        ("candidate", "command"), [[each["title"], each["command"]] for each in result["candidates"]]
    )
    return section(
        "Who took part",
        "The settings that each one's documentation recommends, as far as the comparison lets it; and why.",
        table(("candidate", "server", "versions", "settings", "because"), rows),
        f"<details><summary>The command lines</summary>{commands}</details>",
    )


def wrong(result: Result) -> str:
    """Malformed requests, and who let them pass."""
    asked = [
        (each["title"], protocol, found)
        for each in result["candidates"]
        for protocol, found in each["conformance"].items()
    ]
    if not asked:
        return ""
    rows = [
        [
            title,
            protocol,
            f"{found['passed']} of {found['total']}",
            "; ".join(case for case, _ in found["failures"]),
        ]
        for title, protocol, found in asked
    ]
    details = [
        [title, protocol, case, happened]
        for title, protocol, found in asked
        for case, happened in found["failures"]
    ]
    more = table(("candidate", "protocol", "case", "what happened"), details)
    right = sum(not found["failures"] for _, _, found in asked)
    return section(
        "Correct, too?",
        "Each was asked a list of delicate requests or frames, before any timing. "
        f"{right} of {len(asked)} were right in every case. A server that is fast because it does not look "
        "bears an ✗ in the pictures above, with the number of cases in which it broke the standard.",
        table(("candidate", "protocol", "passed", "wrong in"), rows),
        f"<details><summary>What happened</summary>{more}</details>" if details else "",
    )


def absent(result: Result) -> str:
    """Who is not in the figures, and why."""
    rows = [[each["title"], "left out", each["reason"]] for each in result["left_out"]]
    rows += [
        [
            f"{each['title']} · {each['via']}",
            "wrong bytes" if each["wrong"] else "could not be measured",
            each["reason"],
        ]
        for each in result["unwell"]
    ]
    if not rows:
        return ""
    return section("Not in the figures", "", table(("candidate", "", "reason"), rows))


def hops(result: Result) -> str:
    """What every hop did, at its busiest."""
    return f"<section>{use(result['entries'])}</section>" if result["entries"] else ""


def examined(result: Result) -> str:
    """The audit, where there was something to audit."""
    return audit(result) if result["audit"]["checks"] else ""


def measured(result: Result) -> str:
    """How: the suite's own method, if it has one."""
    return method(result, comparison(result["suite"]).method or METHOD)


SECTIONS: Final[tuple[Callable[[Result], str], ...]] = (
    own, exchanges, wrong, absent, field, hops, examined, measured,
)  # fmt: skip
