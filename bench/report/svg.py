"""A pen: shapes as SVG text. Colours are classes, so that the page's style decides them for light, dark and
paper.
"""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Drawing", "Linear", "Logarithmic"]


class Linear:
    """From 0 to a highest value, onto a stretch of the picture."""

    def __init__(self, highest: float, start: float, end: float) -> None:
        self.start, self.end = start, end
        step = self._step(highest or 1.0)
        self.ticks = [step * number for number in range(ceil((highest or 1.0) / step) + 1)]
        self.highest = self.ticks[-1]

    @staticmethod
    def _step(highest: float) -> float:
        """A round number that divides it into three to six."""
        unit = 10 ** floor(log10(highest))
        return float(next(unit * part for part in (0.2, 0.5, 1.0, 2.0) if highest <= unit * part * 6))

    def at(self, value: float) -> float:
        """Where a value lies."""
        return self.start + (self.end - self.start) * value / self.highest


class Logarithmic:
    """From one power of ten to another."""

    def __init__(self, lowest: float, highest: float, start: float, end: float) -> None:
        self.start, self.end = start, end
        self.low = floor(log10(max(lowest, 1.0)))
        self.high = max(ceil(log10(max(highest, 10.0))), self.low + 1)
        self.ticks = [10.0**power for power in range(self.low, self.high + 1)]

    def at(self, value: float) -> float:
        """Where a value lies; what is outside, at the edge."""
        place = (log10(max(value, 1e-9)) - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * min(max(place, 0.0), 1.0)


class Drawing:
    """One picture. Coordinates are pixels of its own size; the page scales it."""

    def __init__(self, width: float, height: float, label: str) -> None:
        self.size = (width, height)
        self._label = label
        self._parts: list[str] = []

    def rectangle(  # noqa: PLR0917 - a place, a size, and how it looks
        self, x: float, y: float, width: float, height: float, kind: str, title: str = ""
    ) -> None:
        """A bar. Its title shows under the pointer."""
        told = f"<title>{escape(title)}</title>" if title else ""
        size = f'width="{max(width, 0):.1f}" height="{height:.1f}"'
        self._parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} class="{kind}">{told}</rect>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """From one point to another."""
        self._parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>')

    def path(self, points: Sequence[tuple[float, float]], kind: str, title: str = "") -> None:
        """Through all points."""
        told = f"<title>{escape(title)}</title>" if title else ""
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline points="{way}" class="{kind}">{told}</polyline>')

    def dot(self, x: float, y: float, kind: str, title: str = "") -> None:
        """A point."""
        told = f"<title>{escape(title)}</title>" if title else ""
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="{kind}">{told}</circle>')

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        """Words; `y` is their base line."""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def __str__(self) -> str:
        width, height = self.size
        label = escape(self._label, quote=True)
        return (
            f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{label}">'
            + "".join(self._parts)
            + "</svg>"
        )
