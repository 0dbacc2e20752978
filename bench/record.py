"""A run's figures as Markdown, and where the documentation keeps them: `RECORD=1 make bench`.

docs/benchmarking.md has a place for each suite and mode, the README one for the ladder.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.complaint import Complaint
from bench.report.words import amount, three, time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["markdown", "put", "record"]

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs" / "benchmarking.md"
README: Final = ROOT / "README.md"

Result = dict[str, Any]
Entry = dict[str, Any]

MODES: Final = {"native": "local processes", "docker": "containers"}


def record(result: Result) -> list[Path]:
    """Put a run's figures in their places; returns the pages. Raises Complaint for one without a place, and
    for a run that should not be quoted."""
    if not result["complete"]:
        raise Complaint(f"not recorded: the run was {result['stopped']}")
    name = f"bench-{result['suite']}"
    pages = [(DOCS, f"{name}-{result['mode']}")]
    if result["suite"] == "ladder" and result["mode"] == "native":
        pages.append((README, name))
    for page, place in pages:
        put(page, place, markdown(result))
    return [page for page, _ in pages]


def put(page: Path, place: str, text: str) -> None:
    """Write between ``<!-- place -->`` and ``<!-- /place -->``."""
    begin, end = f"<!-- {place} -->", f"<!-- /{place} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise Complaint(f"{page.name} has no place for these figures: it needs {begin} and {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def markdown(result: Result) -> str:
    """Where and how it was measured, and tables."""
    if result.get("findings"):
        tables = [starvation(result["findings"])]
    elif "candidates" in result:
        tables = list(comparison(result))
    else:
        tables = [ladder(result["entries"])]
    return "\n\n".join([facts(result), *tables])


def facts(result: Result) -> str:
    """The machine and the method, and what speaks against the run."""
    machine, settings = result["machine"], result["settings"]
    rounds = f"{settings['rounds']} round{'s' if settings['rounds'] > 1 else ''}"
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {python(result)}"
    words = [f"{result['started'][:10]}, {where}, {MODES[result['mode']]}; {rounds}"]
    if result["quick"]:
        words.append("a quick run: short windows")
    failed = [check["name"] for check in result["audit"]["checks"] if not check["passed"]]
    if failed:
        words.append(f"**audit not passed** ({', '.join(failed)})")
    return f"{'; '.join(words)}."


def python(result: Result) -> str:
    """The version that the servers run on, which in containers is not the bench's."""
    for candidate in result.get("candidates", []):
        if found := candidate["versions"].get("python"):
            return str(found)
    return str(result["versions"].get("python", result["machine"]["python"]))


def rows(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ladder(entries: Sequence[Entry]) -> str:
    """Each rung directly, and what nginx adds to it."""
    nginx = {entry["name"]: entry for entry in entries if entry["via"] == "nginx"}
    body = []
    for entry in entries:
        if entry["via"] != "direct":
            continue
        behind = nginx.get(entry["name"])
        body.append(
            [
                entry["title"],
                cost(entry),
                three(cpu(behind) - cpu(entry)) + " µs" if behind else "–",
                time(entry["open"]["latency"]["p50"]),
                time(entry["open"]["latency"]["p99"]),
                most(entry),
            ]
        )
    return rows(["rung", "processor time", "nginx adds", "p50", "p99", "at most"], body)


def comparison(result: Result) -> Iterator[str]:
    """A table for each thing that was asked."""
    titles = {each["name"]: each for each in result["candidates"]}
    for kind in dict.fromkeys((entry["exchange"], entry["protocol"]) for entry in result["entries"]):
        entries = [entry for entry in result["entries"] if (entry["exchange"], entry["protocol"]) == kind]
        points = sorted({entry["connections"] for entry in entries})
        ways = {entry["via"] for entry in entries}
        named = [
            (
                " · ".join([titles[entry["candidate"]]["title"], *([entry["via"]] if len(ways) > 1 else [])]),
                entry,
            )
            for entry in entries
        ]
        table = single(named, titles) if len(points) < 2 else curve(named, points)
        yield f"*{kind[0]} over {kind[1]}*\n\n{table}"
    if result["left_out"]:
        yield f"Left out: {', '.join(each['title'] for each in result['left_out'])}; the report says why."


def single(named: Sequence[tuple[str, Entry]], titles: dict[str, Any]) -> str:
    """One number of connections: the cheapest first."""
    body = [
        [name, cost(entry), time(entry["open"]["latency"]["p99"]), most(entry), cases(entry, titles)]
        for name, entry in sorted(named, key=lambda each: cpu(each[1]))
    ]
    return rows(["", "processor time", "p99", "at most", "correct"], body)


def curve(named: Sequence[tuple[str, Entry]], points: Sequence[int]) -> str:
    """Highest throughput over the number of connections."""
    known: dict[str, dict[int, Entry]] = {}
    for name, entry in named:
        known.setdefault(name, {})[entry["connections"]] = entry
    body = []
    for name, at in known.items():
        cells = [name, cost(at[min(at, key=lambda point: abs(point - 16))])]
        body.append(cells + [served(at[point]) if point in at else "–" for point in points])
    return rows(["at most, with connections:", "processor time", *(amount(point) for point in points)], body)


def served(entry: Entry) -> str:
    """Its most, and of whom."""
    part = f" ({amount(entry['served'])} served)" if entry["served"] < entry["connections"] else ""
    return f"{most(entry)}{part}"


def starvation(findings: Sequence[dict[str, Any]]) -> str:
    """Predicted beside measured."""
    body = [
        [
            each["title"],
            each["kind"],
            "none" if each["predicted"] is None else str(each["predicted"]),
            "by none" if each["starved_by"] is None else str(each["starved_by"]),
            "none" if each["served_with"] is None else str(each["served_with"]),
        ]
        for each in findings
    ]
    return rows(["", "held by", "places predicted", "starved by", "still served with"], body)


def cpu(entry: Entry) -> float:
    """µs of processor time a request, of all but the generator."""
    return float(entry["cpu_us"]["server"]["median"])


def cost(entry: Entry) -> str:
    """The same for people."""
    return f"{three(cpu(entry))} µs"


def most(entry: Entry) -> str:
    """Requests a second; marked where the client was the limit."""
    if "closed" not in entry:
        return "–"
    limit = ", the client's limit" if entry["client_limited"] else ""
    return f"{amount(entry['closed']['throughput']['median'])}/s{limit}"


def cases(entry: Entry, titles: dict[str, Any]) -> str:
    """How it did in the conformance check; wrong bytes weigh more."""
    if entry["wrong"]:
        return "**wrong bytes**"
    protocol = "ws" if entry["protocol"] == "room" else entry["protocol"]
    found = titles[entry["candidate"]]["conformance"].get(protocol)
    return f"{found['passed']} of {found['total']}" if found else "–"
