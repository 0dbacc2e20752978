"""The pictures, each made of a result's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench.report.svg import Drawing, Linear, Logarithmic
from bench.report.words import amount, mebibytes, time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Span", "bars", "curves", "ladder", "layers", "spans"]

WIDTH: Final = 720
LEFT: Final = 188
RIGHT: Final = WIDTH - 84
ROW: Final = 27
TOP: Final = 28
COLOURS: Final = 8

Entry = dict[str, Any]


def label(entry: Entry) -> str:
    """What its row is called."""
    return f"{entry['title']} · {entry['via']}"


def colours(entries: Sequence[Entry]) -> dict[str, int]:
    """A number for each service, in the order in which they come."""
    return {
        name: index % COLOURS
        for index, name in enumerate(dict.fromkeys(entry["service"] for entry in entries))
    }


class Segment(NamedTuple):
    """A piece of a bar."""

    what: str
    cost: float
    kind: str


def layers(entry: Entry, entries: Sequence[Entry]) -> list[Segment]:
    """What each layer adds to a rung, from the ground up, then nginx.

    A layer adds the difference to the rung that it stands on. A rung that costs less than what it stands on
    has replaced it rather than added to it, and stands on its own.
    """
    if entry["protocol"] == "room":
        return stations(entry, colours(entries))
    known = {other["name"]: other for other in entries if other["via"] == entry["via"]}
    number = colours(entries)
    segments: list[Segment] = []
    above: Entry | None = entry
    while above is not None:
        below = known.get(above["stands_on"] or "")
        cost, ground = service_cost(above), service_cost(below) if below else 0.0
        if ground >= cost:
            below, ground = None, 0.0
        segments.insert(0, Segment(above["service"], cost - ground, f"c{number[above['service']]}"))
        above = below
    if entry["via"] == "nginx":
        segments.append(Segment("nginx", entry["cpu_us"]["nginx"]["median"], "nginx"))
    return segments


def stations(entry: Entry, number: Mapping[str, int]) -> list[Segment]:
    """What each hop has to do with one message to one listener, from the one that tells it."""
    kinds = {"service": f"c{number[entry['service']]}", "web": "c6", "redis": "c7", "nginx": "nginx"}
    names = {"service": entry["service"], "web": "web, which takes the posts"}
    return [
        Segment(names.get(role, role), entry["cpu_us"][role]["median"], kind)
        for role, kind in kinds.items()
        if role in entry["cpu_us"]
    ]


def service_cost(entry: Entry) -> float:
    """µs of the service itself."""
    return float(entry["cpu_us"]["service"]["median"])


def axis(drawing: Drawing, scale: Linear | Logarithmic, bottom: float, write: Callable[[float], str]) -> None:
    """Upright lines with their values above."""
    for tick in scale.ticks:
        x = scale.at(tick)
        drawing.line(x, TOP - 4, x, bottom, "grid")
        drawing.text(x, TOP - 9, write(tick), "small", "middle")


def ladder(entries: Sequence[Entry]) -> Drawing:
    """µs of processor time a request, stacked by layer."""
    stacks = [(entry, layers(entry, entries)) for entry in entries]
    highest = max(sum(segment.cost for segment in stack) for _, stack in stacks)
    drawing = Drawing(WIDTH, TOP + ROW * len(stacks) + 6, "Processor time, stacked by layer")
    scale = Linear(highest, LEFT, RIGHT)
    axis(drawing, scale, TOP + ROW * len(stacks), time)
    for index, (entry, stack) in enumerate(stacks):
        y, x = TOP + ROW * index + 3, float(LEFT)
        drawing.text(LEFT - 8, y + 15, label(entry), "label", "end")
        for segment in stack:
            width = scale.at(segment.cost) - LEFT
            drawing.rectangle(x, y, width, ROW - 7, segment.kind, f"{segment.what}: {time(segment.cost)}")
            x += width
        drawing.text(x + 5, y + 15, time(sum(segment.cost for segment in stack)), "value")
    return drawing


def bars(
    entries: Sequence[Entry],
    figure: Callable[[Entry], dict[str, Any]],
    ceiling: Callable[[Entry], float | None],
) -> Drawing:
    """A bar an entry, with the interval of its median, and a mark where the client's ceiling is."""
    number = colours(entries)
    values = [figure(entry) for entry in entries]
    drawing = Drawing(WIDTH, TOP + ROW * len(entries) + 6, "Highest throughput of each rung")
    scale = Linear(max(value["high"] for value in values), LEFT, RIGHT)
    bottom = TOP + ROW * len(entries)
    axis(drawing, scale, bottom, lambda tick: f"{tick / 1000:g}k" if tick >= 1000 else f"{tick:g}")
    for index, (entry, value) in enumerate(zip(entries, values, strict=True)):
        y = TOP + ROW * index + 3
        limited = " limited" if entry["client_limited"] else ""
        drawing.text(LEFT - 8, y + 15, label(entry), "label", "end")
        drawing.rectangle(
            LEFT, y, scale.at(value["median"]) - LEFT, ROW - 7, f"c{number[entry['service']]}{limited}",
            f"{label(entry)}: {amount(value['median'])}/s",
        )  # fmt: skip
        drawing.line(scale.at(value["low"]), y + 10, scale.at(value["high"]), y + 10, "whisker")
        top = ceiling(entry)
        if top is not None and top <= scale.highest:
            drawing.line(scale.at(top), y - 2, scale.at(top), y + ROW - 4, "ceiling")
        drawing.text(
            scale.at(max(value["high"], value["median"])) + 5, y + 15, amount(value["median"]), "value"
        )
    return drawing


class Span(NamedTuple):
    """A row of a picture of latencies."""

    label: str
    kind: str
    latency: Mapping[str, Any]


def spans(rows: Sequence[Span], what: str) -> Drawing:
    """From the median to the longest, on a logarithmic axis: p50, p90, p99, p99.9."""
    drawing = Drawing(WIDTH, TOP + ROW * len(rows) + 6, what)
    times = [row.latency[name] for row in rows for name in ("p50", "p999") if row.latency[name]]
    scale = Logarithmic(min(times, default=10), max(times, default=1000), LEFT, RIGHT)
    axis(drawing, scale, TOP + ROW * len(rows), time)
    for index, (name, kind, latency) in enumerate(rows):
        y = TOP + ROW * index + 14
        drawing.text(LEFT - 8, y + 4, name, "label", "end")
        drawing.line(scale.at(latency["p50"]), y, scale.at(latency["p999"]), y, f"span s{kind}")
        for percentile in ("p50", "p90", "p99", "p999"):
            drawing.dot(
                scale.at(latency[percentile]),
                y,
                f"f{kind}",
                f"{name}, {percentile}: {time(latency[percentile])}",
            )
        drawing.text(scale.at(latency["p999"]) + 9, y + 4, time(latency["p999"]), "value")
    return drawing


def curves(entries: Sequence[Entry], what: str) -> Drawing:
    """Latency by percentile, both axes logarithmic: nine, ninety-nine, nine hundred and ninety-nine in a
    thousand are equally far apart.
    """
    height, left, right, bottom = 330.0, 62.0, 560.0, 296.0
    number = colours(entries)
    drawing = Drawing(WIDTH, height, what)
    found = {
        label(entry): [(part, at) for part, at in entry["open"]["latency"]["curve"] if at > 0]
        for entry in entries
    }
    times = [at for points in found.values() for _, at in points] or [10.0, 1000.0]
    up = Logarithmic(min(times), max(times), bottom, 20)
    across = Logarithmic(
        1, max((1 / (1 - part) for points in found.values() for part, _ in points), default=1000), left, right
    )
    for tick in up.ticks:
        drawing.line(left, up.at(tick), right, up.at(tick), "grid")
        drawing.text(left - 6, up.at(tick) + 4, time(tick), "small", "end")
    for tick in across.ticks:
        drawing.line(across.at(tick), 20, across.at(tick), bottom, "grid")
        drawing.text(across.at(tick), bottom + 16, f"p{100 - 100 / tick:g}", "small", "middle")
    ends: list[tuple[float, str, int]] = []
    for entry in entries:
        points = found[label(entry)]
        if points:
            dash = " dashed" if entry["job"] == "hello" else ""
            kind = number[entry["service"]]
            drawing.path(
                [(across.at(1 / (1 - part)), up.at(at)) for part, at in points],
                f"curve k{kind}{dash}",
                label(entry),
            )
            ends.append((up.at(points[-1][1]), entry["title"], kind))
    place = 0.0
    for y, title, kind in sorted(ends):  # names beside the ends, none over another
        place = max(y + 4, place + 15)
        drawing.text(right + 12, place, title, f"name f{kind}")
    return drawing


def memory(entries: Sequence[Entry]) -> Drawing:
    """What each service keeps for itself."""
    number = colours(entries)
    sizes = {
        entry["service"]: entry["memory"].get("service", 0)
        for entry in entries
        if entry["via"] == entries[0]["via"]
    }
    nginx = max((entry["memory"].get("nginx", 0) for entry in entries), default=0)
    rows = [
        *((name, size, f"c{number[name]}") for name, size in sizes.items()),
        *([("nginx", nginx, "nginx")] if nginx else []),
    ]
    drawing = Drawing(WIDTH, TOP + ROW * len(rows) + 6, "Memory of each service")
    scale = Linear(max(size for _, size, _ in rows) / 2**20, LEFT, RIGHT)
    axis(drawing, scale, TOP + ROW * len(rows), lambda tick: f"{tick:g} MiB")
    for index, (name, size, kind) in enumerate(rows):
        y = TOP + ROW * index + 3
        drawing.text(LEFT - 8, y + 15, name, "label", "end")
        drawing.rectangle(LEFT, y, scale.at(size / 2**20) - LEFT, ROW - 7, kind, f"{name}: {mebibytes(size)}")
        drawing.text(scale.at(size / 2**20) + 5, y + 15, mebibytes(size), "value")
    return drawing
