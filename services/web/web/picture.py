"""The geometry of the front page's picture, wide and narrow; the templates only write it down as SVG.

Each rung is a bar of layers. What it shares with the rung above is pale, what it adds is not: a staircase.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from web.ladder import Layer, Rung

__all__ = ["NARROW", "WIDE", "Bar", "Block", "Picture"]


@dataclass(frozen=True)
class Block:
    """One layer of one rung."""

    x: int
    width: int
    middle: float
    layer: Layer
    added: bool


@dataclass(frozen=True)
class Bar:
    """One rung: where it stands, where its last block ends, and whose it is."""

    rung: Rung
    y: int
    blocks: list[Block]
    end: int


@dataclass(frozen=True)
class Picture:
    """A layout: where the bars begin, and how wide a block is, in units of the SVG's view box."""

    left: int
    top: int
    gap: int
    pitch: int
    width: int
    letter: int = 0  # what each letter past the fourth adds to a block's width

    def bars(self, rungs: Iterable[Rung]) -> list[Bar]:
        """Return the rungs from top to bottom."""
        known: set[str] = set()
        bars = []
        for number, rung in enumerate(rungs):
            blocks = self.blocks(rung.service.layers, known)
            known |= {layer.kind for layer in rung.service.layers}
            end = blocks[-1].x + blocks[-1].width
            bars.append(Bar(rung, self.top + number * self.pitch, blocks, end))
        return bars

    def blocks(self, layers: Iterable[Layer], known: Set[str]) -> list[Block]:
        """Return one bar's blocks from left to right."""
        x, blocks = self.left, []
        for layer in layers:
            width = self.width + self.letter * max(0, len(layer.label) - 4)
            blocks.append(Block(x, width, x + width / 2, layer, layer.kind not in known))
            x += width + self.gap
        return blocks


WIDE = Picture(left=436, top=18, gap=4, pitch=80, width=112)
NARROW = Picture(left=28, top=142, gap=3, pitch=74, width=44, letter=7)
