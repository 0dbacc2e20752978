"""Pictures of a comparison: a bar for each candidate, and lines over the number of connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench.report.charts import COLOURS, ROW, TOP, WIDTH, axis
from bench.report.svg import Drawing, Linear, Logarithmic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Bar", "Line", "bars", "lines"]


LEFT: Final = 226
RIGHT: Final = WIDTH - 142
"""Names of servers are long, and there is something to be said behind their bars."""


class Bar(NamedTuple):
    """A row."""

    label: str
    figure: Mapping[str, Any]
    """median, low, high."""
    kind: str
    """Its colour, and how it looks if it is not to be trusted."""
    note: str = ""
    """What stands behind its value."""


def bars(rows: Sequence[Bar], what: str, write: Callable[[float], str]) -> Drawing:
    """A bar each, with the interval of its median."""
    drawing = Drawing(WIDTH, TOP + ROW * len(rows) + 6, what)
    scale = Linear(max((row.figure["high"] for row in rows), default=1.0), LEFT, RIGHT)
    axis(drawing, scale, TOP + ROW * len(rows), write)
    for index, (label, figure, kind, note) in enumerate(rows):
        y = TOP + ROW * index + 3
        drawing.text(LEFT - 8, y + 15, label, "label", "end")
        width = scale.at(figure["median"]) - LEFT
        drawing.rectangle(LEFT, y, width, ROW - 7, kind, f"{label}: {write(figure['median'])}")
        drawing.line(scale.at(figure["low"]), y + 10, scale.at(figure["high"]), y + 10, "whisker")
        end = scale.at(max(figure["high"], figure["median"]))
        drawing.text(end + 5, y + 15, f"{write(figure['median'])} {note}".strip(), "value")
    return drawing


class Line(NamedTuple):
    """One candidate's points."""

    label: str
    number: int
    """Its place, which decides its colour."""
    points: Sequence[tuple[float, float]]
    """Connections, and the value."""


def lines(rows: Sequence[Line], what: str, write: Callable[[float], str]) -> Drawing:
    """Both axes logarithmic: what doubles is as far apart everywhere."""
    height, left, right, bottom = 330.0, 74.0, 520.0, 296.0
    drawing = Drawing(WIDTH, height, what)
    values = [value for row in rows for _, value in row.points if value > 0]
    across_all = sorted({at for row in rows for at, _ in row.points})
    up = Logarithmic(min(values, default=1.0), max(values, default=10.0), bottom, 20)
    across = Logarithmic(min(across_all, default=1.0), max(across_all, default=10.0), left, right)
    for tick in up.ticks:
        drawing.line(left, up.at(tick), right, up.at(tick), "grid")
        drawing.text(left - 6, up.at(tick) + 4, write(tick), "small", "end")
    for at in across_all:
        drawing.line(across.at(at), 20, across.at(at), bottom, "grid")
        drawing.text(across.at(at), bottom + 16, f"{at:,.0f}", "small", "middle")
    drawing.text((left + right) / 2, bottom + 32, "connections", "small", "middle")
    ends = []
    for label, number, points in rows:
        colour, dash = number % COLOURS, " dashed" if number >= COLOURS else ""
        drawn = [(across.at(at), up.at(value)) for at, value in points if value > 0]
        if not drawn:
            continue
        drawing.path(drawn, f"curve k{colour}{dash}", label)
        for (x, y), (at, value) in zip(drawn, [each for each in points if each[1] > 0], strict=True):
            drawing.dot(x, y, f"f{colour}", f"{label}, {at:,.0f} connections: {write(value)}")
        ends.append((drawn[-1][1], label, colour, drawn[-1][0]))
    place = 0.0
    for y, label, colour, _ in sorted(ends):  # names beside the ends, none over another
        place = max(y + 4, place + 15)
        drawing.text(right + 12, place, label, f"name f{colour}")
    return drawing
