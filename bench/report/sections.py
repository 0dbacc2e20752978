"""What the report says, a section a function. Each gives HTML, and nothing where there is nothing to say."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.report import charts
from bench.report.charts import Span
from bench.report.words import amount, interval, mebibytes, part, table, time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["SECTIONS", "audit", "figure", "method", "section", "use"]

Result = dict[str, Any]
Entry = dict[str, Any]

METHOD: Final = Path(__file__).with_name("method.txt").read_text(encoding="utf-8").splitlines()
"""Ten lines."""


def kind(result: Result, entry: Entry) -> str:
    """The colour of an entry."""
    return str(charts.colours(result["entries"])[entry["service"]])


def section(title: str, words: str, *parts: object) -> str:
    """A heading, a paragraph, and pictures with tables."""
    return f"<section><h2>{escape(title)}</h2><p>{words}</p>{''.join(map(str, parts))}</section>"


def figure(*parts: object) -> str:
    """A picture and its table beside it."""
    return f"<figure>{''.join(map(str, parts))}</figure>"


def ladder(result: Result) -> str:
    """The main picture."""
    entries = result["entries"]
    rows = [
        [
            charts.label(entry),
            time(entry["cpu_us"]["service"]["median"]),
            interval(entry["cpu_us"]["service"], time),
            time(entry["cpu_us"]["nginx"]["median"]) if "nginx" in entry["cpu_us"] else "–",
            time(entry["cpu_us"]["server"]["median"]),
            time(entry["cpu_us"]["generator"]["median"]),
        ]
        for entry in entries
    ]
    number = charts.colours(entries)
    rate = f"{result['settings']['rate']:g}"
    push = result["suite"] == "push"
    if push:
        listeners = result["settings"]["users"]
        words = (
            f"Processor time that one message to one listener costs, at {rate} posts a second and "
            f"{listeners} listeners. Posting is the same for all, and is shared by the listeners."
        )
        number |= {"web, which takes the posts": 6, "redis": 7}
    else:
        words = (
            f"Processor time that one {result['unit']} costs, at {rate} a second on every rung. Each layer "
            "is drawn on top of the one that it stands on; what it adds is its own piece."
        )
    keys = "".join(
        f"<span class='key'><i class='b{index}'></i>{escape(name)}</span>" for name, index in number.items()
    )
    words += f"<br>{keys}<span class='key'><i class='bn'></i>nginx</span>"
    return section(
        result["title"],
        words,
        figure(
            charts.ladder(entries),
            table(("rung", "service", "95 % interval", "nginx", "all servers", "the load"), rows),
        ),
        table(
            (
                ("transport", "how", "µs of its own, direct")
                if push
                else ("layer", "what it adds", "µs, direct")
            ),
            adds(entries),
            "What each transport does" if push else "What each layer adds to the one beneath",
        ),
    )


def adds(entries: Sequence[Entry]) -> list[list[str]]:
    """Each layer in words and µs."""
    rows = []
    for entry in (entry for entry in entries if entry["via"] == "direct"):
        segments = charts.layers(entry, entries)
        own = next(segment for segment in reversed(segments) if segment.what == entry["service"])
        rows.append([entry["title"], entry["adds"], time(own.cost)])
    return rows


def throughput(result: Result) -> str:
    """How much at most."""
    entries, ceilings = result["entries"], result["ceilings"]
    if not all("closed" in entry for entry in entries):
        return use(entries)

    def ceiling(entry: Entry) -> float | None:
        return protocol_ceiling(entry, ceilings)

    rows = [
        [
            charts.label(entry),
            amount(entry["closed"]["throughput"]["median"]),
            interval(entry["closed"]["throughput"]),
            amount(ceiling(entry)),
            " and ".join(named(entry, role) for role in entry["saturated"]) or "none",
            "client-limited" if entry["client_limited"] else "",
        ]
        for entry in entries
    ]
    limited = [charts.label(entry) for entry in entries if entry["client_limited"]]
    words = (
        f"Requests a second of {result['settings']['users']} connections that each send the next request "
        "when they have the reply. The upright mark is the client's own ceiling. "
    )
    if limited:
        words += (
            f"<strong>Client-limited: {escape(', '.join(limited))}.</strong> These came within 80 % of "
            "what the client can do; they could be faster, and their order says nothing. "
        )
    return section(
        "Throughput, and what limited it",
        words,
        figure(
            charts.bars(entries, lambda entry: dict(entry["closed"]["throughput"]), ceiling),
            table(("rung", "requests/s", "95 % interval", "client's ceiling", "the limit", ""), rows),
        ),
        use(entries),
    )


def protocol_ceiling(entry: Entry, ceilings: dict[str, Any]) -> float | None:
    """What the client does at most over the entry's protocol."""
    found = ceilings.get(entry["protocol"])
    return float(found["median"]) if found else None


def named(entry: Entry, role: str) -> str:
    """A hop by the name that people know."""
    return str(entry["service"]) if role == "service" else role


def use(entries: Sequence[Entry]) -> str:
    """What every hop did meanwhile."""
    rows = [
        [
            charts.label(entry),
            named(entry, role),
            f"{each['cpu']:.2f}",
            part(each["demand"]),
            part(each["throttled"]),
        ]
        for entry in entries
        for role, each in entry["use"].items()
        if each["cpu"] >= 0.005 or role in entry["saturated"]
    ]
    head = ("rung", "hop", "cores used", "ran or waited for a core", "stopped by a quota")
    return f"<details><summary>Every hop, at its busiest</summary>{table(head, rows)}</details>"


def percentiles(result: Result) -> str:
    """How long it takes."""
    parts = []
    for via in dict.fromkeys(entry["via"] for entry in result["entries"]):
        entries = [entry for entry in result["entries"] if entry["via"] == via]
        rows = [[entry["title"], *times(entry["open"]["latency"])] for entry in entries]
        parts.append(f"<h3>{escape(via)}</h3>")
        parts.append(figure(charts.curves(entries, f"Latency by percentile, {via}"), table(HEAD, rows)))
    words = (
        f"At {result['settings']['rate']:g} requests a second, from when each was due. Where a curve leaves "
        "the others is where a rung makes some of its visitors wait. Greetings (hello) are dashed."
    )
    return section("Latency", words, *parts)


HEAD: Final = ("rung", "counted", "mean", "p50", "p90", "p99", "p99.9", "longest")


def times(latency: dict[str, Any]) -> list[str]:
    """The cells of a row. A percentile of fewer requests than it takes is none."""
    enough = {"p50": 2, "p90": 10, "p99": 100, "p999": 1000}
    found = [
        time(latency[name]) if latency["counted"] >= least else f"– (of {latency['counted']})"
        for name, least in enough.items()
    ]
    return [amount(latency["counted"]), time(latency["mean"]), *found, time(latency["longest"])]


def ways(result: Result) -> str:
    """Direct against nginx."""
    if len({entry["via"] for entry in result["entries"]}) < 2:
        return ""
    rows = [
        Span(charts.label(entry), kind(result, entry), entry["open"]["latency"])
        for entry in result["entries"]
    ]
    known = {(entry["name"], entry["via"]): entry for entry in result["entries"]}
    cells = []
    for name in dict.fromkeys(entry["name"] for entry in result["entries"]):
        direct, nginx = (known[name, via] for via in ("direct", "nginx"))
        kept = part(most(nginx) / most(direct)) if most(direct) else "–"
        cells.append([
            direct["title"],
            *(difference(direct, nginx, percentile) for percentile in ("p50", "p99")),
            time(nginx["cpu_us"]["nginx"]["median"]),
            kept,
        ])  # fmt: skip
    return section(
        "Direct against nginx",
        "The same rung by both ways, at the fixed rate. Dots are p50, p90, p99 and p99.9.",
        figure(
            charts.spans(rows, "Latency direct and through nginx"),
            table(("rung", "p50", "p99", "nginx's processor time", "throughput"), cells, "What nginx adds"),
        ),
    )  # fmt: skip


def difference(direct: Entry, nginx: Entry, percentile: str) -> str:
    """What the longer way takes longer."""
    more = nginx["open"]["latency"][percentile] - direct["open"]["latency"][percentile]
    return f"{'+' if more >= 0 else '-'}{time(abs(more))}"


def most(entry: Entry) -> float:
    """The highest throughput; 0 where there was no closed loop."""
    return float(entry["closed"]["throughput"]["median"]) if "closed" in entry else 0.0


def loops(result: Result) -> str:
    """Closed against open."""
    if not all("closed" in entry for entry in result["entries"]):
        return ""
    rows = [
        Span(f"{entry['title']} · {loop}", kind(result, entry), entry[loop]["latency"])
        for entry in result["entries"]
        if entry["via"] == "direct"
        for loop in ("open", "closed")
    ]
    cells = [
        [
            charts.label(entry),
            *(
                time(entry[loop]["latency"][name])
                for loop in ("open", "closed")
                for name in ("p50", "p99", "p999")
            ),
        ]
        for entry in result["entries"]
    ]
    words = (
        "Open: requests come at the fixed rate, whatever the replies take, as visitors do. Closed: as fast "
        "as replies allow, so that every connection queues for the busiest hop, and a stall is met "
        "by few requests."
    )
    return section(
        "Open against closed loop",
        words,
        figure(
            charts.spans(rows, "Latency in the open and in the closed loop, direct"),
            table(("rung", "open p50", "p99", "p99.9", "closed p50", "p99", "p99.9"), cells),
        ),
    )


def memory(result: Result) -> str:
    """What each keeps."""
    rows = [
        [
            charts.label(entry),
            mebibytes(entry["memory"].get("service")),
            mebibytes(entry["memory"].get("nginx")),
        ]
        for entry in result["entries"]
    ]
    users = result["settings"]["users"]
    words = f"What the processes of a service have to themselves, with {users} connections open."
    return section(
        "Memory", words, figure(charts.memory(result["entries"]), table(("rung", "service", "nginx"), rows))
    )


def audit(result: Result) -> str:
    """What was checked."""
    rows = [
        [check["name"], "passed" if check["passed"] else "FAILED", check["detail"]]
        for check in result["audit"]["checks"]
    ]
    counted = [
        [charts.label(entry), *(amount(entry["counted"][name]) for name in ("client", "server", "nginx"))]
        for entry in result["entries"]
    ]
    passed = sum(check["passed"] for check in result["audit"]["checks"])
    return section(
        "Audit",
        f"{passed} of {len(rows)} checks passed.",
        table(("check", "", "what was found"), rows),
        "<details><summary>Requests by the client's and by the other side's books</summary>",
        table(("rung", "client", "service", "nginx"), counted),
        "<p>nginx counts HTTP requests: neither what goes over a WebSocket nor TCP.</p></details>",
    )


def method(result: Result, method: Sequence[str] = METHOD) -> str:
    """Ten lines, and what it ran with."""
    machine = result["machine"]
    size = machine["memory_bytes"] / 2**30
    lines = "".join(f"<li>{escape(line)}</li>" for line in method)
    rows = [
        ["machine", f"{machine['processor']}, {machine['cores']} cores, {size:.1f} GiB, {machine['system']}"],
        ["stack", f"{result['mode']}, reached by {result['road']}"],
        ["cores", "the load has one to itself" if result["pinned"] else "shared by the load and the stack"],
        *([["pace of the stack's core", pace(result["pace"])]] if "pace" in result else ()),
        ["versions", ", ".join(f"{name} {number}" for name, number in result["versions"].items())],
        *(load(result) if result["entries"] else ()),
        ["began, took", f"{result['started']}, {result['seconds']:.0f} s"],
    ]  # fmt: skip
    return section("Method", "How it was measured, in ten lines.", f"<ol>{lines}</ol>", table(("", ""), rows))


def pace(found: dict[str, float] | None) -> str:
    """How fast they were, and how steady."""
    if not found:
        return "not known: nobody kept them awake"
    median, low, high = (amount(found[name]) for name in ("median", "low", "high"))
    return f"{median} rounds/s, from {low} to {high} in single windows"


def load(result: Result) -> list[list[str]]:
    """What the requests ran with. A suite that measures in its own way sends its own, and says how."""
    tops = {name: amount(each["median"]) for name, each in result["ceilings"].items()}
    settings, stack = result["settings"], result["stack"]
    return [
        ["the stack's settings", ", ".join(f"{name}={value}" for name, value in stack.items())],
        ["the bench's settings", ", ".join(f"{name} {value:g}" for name, value in settings.items())],
        ["client's ceilings", ", ".join(f"{name} {most}/s" for name, most in tops.items())],
        ["keep-alive, compression", "on; off"],
        ["access logs", "nginx's as in its configuration, the services' off"],
    ]


SECTIONS: Final[tuple[Callable[[Result], str], ...]] = (
    ladder, throughput, percentiles, ways, loops, memory, audit, method,
)  # fmt: skip
