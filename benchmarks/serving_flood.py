"""What a flood of connections past the limit does to those inside, under each model that serves several."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.rounds import LOAD_CORE, Server, compiled, interleave, pinned, serving

__all__ = ["Flood", "floods", "table"]

INSIDE, OUTSIDE, MESSAGE = 1000, 5000, 64

#: How many times its quiet time a message may take: the 99th percentiles.
MOST = 3.0

#: Each leaves thousands of connections in the kernel's tables for a while.
ROUNDS = 3

MODELS = {
    "threads": ["--model", "threads"],
    "selector": ["--model", "selector"],
    "asyncio": ["--model", "asyncio"],
    "asyncio on uvloop": ["--model", "asyncio", "--loop", "uvloop"],
}


@dataclass(frozen=True, slots=True)
class Flood:
    """How long a message took one model, quietly and in the flood; seconds, a figure for each round."""

    model: str
    quiet: Sequence[float]
    flooded: Sequence[float]

    @property
    def times(self) -> float:
        """The median of the rounds' ratios."""
        return median(flooded / quiet for quiet, flooded in zip(self.quiet, self.flooded, strict=True))

    @property
    def met(self) -> bool:
        """Is it little enough?"""
        return self.times <= MOST

    def row(self) -> str:
        """A line of Markdown."""
        return (
            f"| {self.model} | {median(self.quiet) * 1e6:,.0f} µs | {median(self.flooded) * 1e6:,.0f} µs "
            f"| {self.times:.2f} | {MOST:g} | {'yes' if self.met else '**no**'} |"
        )


def floods() -> list[Flood]:
    """Flood each model, in rounds."""
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in MODELS}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(command(words))) for name, words in MODELS.items()}

        def flood(name: str) -> float:
            figures[name].append(percentiles(servers[name]))
            return 0.0

        interleave({name: lambda name=name: flood(name) for name in MODELS}, ROUNDS, "flood")  # type: ignore[misc]
    return [Flood(name, *zip(*pairs, strict=True)) for name, pairs in figures.items()]


def command(model: Sequence[str]) -> list[str]:
    """Serve echo, to so many and no more."""
    ours = [sys.executable, "-m", "tcp", "--listen", "127.0.0.1:0", "--protocol", "echo"]
    return [*ours, *model, "--limits", f"connections={INSIDE}"]


def percentiles(server: Server) -> tuple[float, float]:
    """The slowest but 1 % of messages inside: quietly, and in the flood."""
    load = [compiled(Path(__file__).parent / "load.c"), "flood", *server.address]
    words = [*load, str(INSIDE), str(MESSAGE), str(OUTSIDE)]
    done = subprocess.run(pinned(LOAD_CORE, words), check=True, capture_output=True, text=True)
    quiet, flooded = map(float, done.stdout.split())
    return quiet, flooded


def table(floods: Sequence[Flood]) -> str:
    """The models as a table in Markdown."""
    head = (
        f"| {INSIDE:,} inside, {OUTSIDE:,} more at the door "
        "| p99 of a message | in the flood | times | at most | met |\n"
        "|---|---|---|---|---|---|"
    )
    return "\n".join([head, *(flood.row() for flood in floods)])
