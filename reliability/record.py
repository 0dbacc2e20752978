"""What recorded runs have found: ``figures.jsonl``, and the tables that docs/reliability.md makes of it.

A run replaces what it has tried and leaves the rest as it was, so that one attack or one fault can be tried
again without the hour that all of them take. Each figure says which run it is of, and so does the page.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench import versions
from bench.record import put

__all__ = ["Figures", "Record", "Tables", "dated"]

#: A trial a line, so that a difference shows which were tried again.
FIGURES = Path(__file__).with_name("figures.jsonl")
PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"

#: What one trial has found, with the run that it is of; and the trials by name, by whom they were about.
Figures = dict[str, Any]
Tables = dict[str, dict[str, Figures]]

#: Below so many trials of another run they are named one by one.
FEW = 8


class Record:
    """A place on the page, what it is made by, and the run that fills it."""

    def __init__(self, place: str, draw: Callable[[Tables], str], how: str = "") -> None:
        self.place, self.draw = place, draw
        # Said once: what is written while the run goes on would be a change to the checkout.
        self.run = facts(how)

    def keep(self, subject: str, found: Mapping[str, Figures], *, whole: bool = False) -> None:
        """Put these in their places; a whole run of a subject also forgets what is tried no more."""
        every = read()
        if whole:
            every = {key: each for key, each in every.items() if key[:2] != (self.place, subject)}
        every |= {(self.place, subject, trial): {**each, "run": self.run} for trial, each in found.items()}
        lines = [json.dumps([*key, each], ensure_ascii=False) for key, each in every.items()]
        FIGURES.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        tables: Tables = {}
        for (place, of, trial), each in every.items():
            if place == self.place:
                tables.setdefault(of, {})[trial] = each
        put(PAGE, self.place, f"\n{self.draw(tables)}\n")


def read() -> dict[tuple[str, str, str], Figures]:
    """All that was kept, by place, subject and trial."""
    lines = FIGURES.read_text(encoding="utf-8").splitlines() if FIGURES.exists() else []
    return {(place, subject, trial): each for place, subject, trial, each in map(json.loads, lines)}


def facts(how: str) -> str:
    """When, on what, and how; the load average tells whether the machine had other things to do."""
    machine = versions.machine()
    words = [
        time.strftime("%d %B %Y", time.gmtime()),
        machine["processor"],
        f"{machine['cores']} cores",
        machine["system"],
        f"Python {machine['python']}",
        *([how] if how else []),
        f"a load average of {os.getloadavg()[0]:.1f} before",
        f"commit {versions.commit()}",
    ]
    return ", ".join(words)


def dated(runs: Mapping[str, str]) -> str:
    """The runs that trials are of, by their names: the one that most are of, and then the others."""
    lines = []
    for number, (run, count) in enumerate(Counter(runs.values()).most_common()):
        names = [name for name, of in runs.items() if of == run]
        which = ", ".join(names) if count < FEW else f"{count} trials, from {names[0]} to {names[-1]}"
        lines.append(f"{which}: {run}." if number else f"{run}.")
    return "\n".join(f"* {line}" for line in lines) if len(lines) > 1 else "".join(lines)
