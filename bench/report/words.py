"""How numbers are written for people."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER: Final = re.compile(r"[+-]?\d[\d.,]*(?: ?(?:µs|ms|s|%|MiB))?(?: … .+)?|– ?(?:\(.*\))?")
"""A number with its unit, an interval, or none."""

__all__ = ["amount", "interval", "listed", "mebibytes", "part", "table", "time"]


def time(microseconds: float | None) -> str:
    """A time with three digits at most, in the unit that fits."""
    if microseconds is None:
        return "–"
    if microseconds == 0:
        return "0"
    for below, unit, scale in ((1e3, "µs", 1.0), (1e6, "ms", 1e3)):
        if microseconds < below * 0.9995:
            return f"{three(microseconds / scale)} {unit}"
    return f"{three(microseconds / 1e6)} s"


def three(value: float) -> str:
    """Three significant digits, and no more after the point than that."""
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def amount(value: float | None) -> str:
    """A whole number with its thousands apart."""
    return "–" if value is None else f"{value:,.0f}"


def part(value: float) -> str:
    """A part of one as a percentage."""
    return f"{value:.0%}"


def interval(figure: dict[str, Any], write: Any = amount) -> str:  # noqa: ANN401
    """Where the median lies."""
    return f"{write(figure['low'])} … {write(figure['high'])}"


def listed(names: Sequence[str]) -> str:
    """Names, as a list in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def mebibytes(size: int | None) -> str:
    """Memory."""
    return "–" if size is None else f"{size / 2**20:.1f} MiB"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """A table; what begins with a digit is a number, and stands to the right. Cells are text, not HTML."""
    lines = ["<div class='scroll'><table>"]
    if caption:
        lines.append(f"<caption>{escape(caption)}</caption>")
    lines.append("<thead><tr>")
    for index, cell in enumerate(head):
        right = " class=n" if index and any(is_number(row[index]) for row in rows) else ""
        lines.append(f"<th scope='col'{right}>{escape(cell)}</th>")
    lines.append("</tr></thead><tbody>")
    for first, *rest in rows:
        cells = "".join(f"<td{' class=n' if is_number(cell) else ''}>{escape(cell)}</td>" for cell in rest)
        lines.append(f"<tr><th scope='row'>{escape(first)}</th>{cells}</tr>")
    return "".join([*lines, "</tbody></table></div>"])


def is_number(cell: str) -> bool:
    """Does it read as one?"""
    return NUMBER.fullmatch(cell) is not None
