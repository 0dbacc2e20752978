"""Which differences between two runs are real.

A difference is called real when two things hold. The rounds of the two runs are told apart by an exact
permutation test (`figures.chance`): of five rounds each, every one of one run is above every one of the
other. And it is larger than what two runs of the same thing differ by, which no test on their rounds can
know: a run has its own memory layout, its own neighbours, its own hour. The second rule also keeps thirty
comparisons from finding one by luck.

Where it is known how fast the core was (`awake.py`), B's processor times are taken as they would be at A's
pace. Throughput is not: what it hangs on may be another core, or no core at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench.complaint import Complaint
from bench.figures import chance, least_chance
from bench.result import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["LEVEL", "RUNS_DIFFER", "Difference", "compare", "relative_pace", "show"]

LEVEL: Final = 0.01
"""The chance at which a single comparison finds a difference where there is none."""

RUNS_DIFFER: Final = 0.10
"""Two runs of the same thing may differ by this part."""

Result = dict[str, Any]

#: What has to be the same, and how people call it.
ALIKE: Final[dict[str, Callable[[Result], Any]]] = {
    "suite": lambda run: run["suite"],
    "mode": lambda run: run["mode"],
    "processor": lambda run: run["machine"]["processor"],
    "cores": lambda run: run["machine"]["cores"],
    "rate": lambda run: run["settings"]["rate"],
    "users": lambda run: run["settings"]["users"],
    "payload": lambda run: run["settings"]["payload"],
    "length of the windows": lambda run: (run["settings"]["open_seconds"], run["settings"]["closed_seconds"]),
    "road to the stack": lambda run: run["road"],
    "core for the load": lambda run: run["pinned"],
    "core kept awake": lambda run: bool(run.get("pace")),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one rung in both runs."""

    what: str
    unit: str
    a: float
    b: float
    chance: float
    real: bool = False

    @property
    def change(self) -> float:
        """From A to B, as a part of A."""
        return self.b / self.a - 1 if self.a else 0.0

    def __str__(self) -> str:
        verdict = "real" if self.real else "no difference found"
        figures = f"{self.a:12,.1f}{self.b:12,.1f} {self.unit:4}{self.change:+8.1%}   p {self.chance:.3f}"
        return f"{self.what:44}{figures}   {verdict}"


def require_alike(a: Result, b: Result) -> None:
    """Refuse what can't be compared. Raises Complaint, which names every reason."""
    unlike = [f"{name} ({value(a)} and {value(b)})" for name, value in ALIKE.items() if value(a) != value(b)]
    if unlike:
        raise Complaint(f"these two can't be compared, as they differ in {', '.join(unlike)}")
    for name, run in (("A", a), ("B", b)):
        if not run["audit"]["passed"]:
            raise Complaint(
                f"{name} has failed its audit, so its figures are not to be compared: see its report"
            )
    rounds = [len(entries(run)[key]["cpu_us"]["server"]["rounds"]) for run in (a, b) for key in entries(run)]
    if not rounds or least_chance(min(rounds), min(rounds)) > LEVEL:
        raise Complaint(
            f"{min(rounds, default=0)} rounds are too few to tell anything apart: "
            "measure both with ROUNDS=5 or more"
        )


def entries(run: Result) -> dict[tuple[str, str], dict[str, Any]]:
    """By name and way."""
    return {(entry["name"], entry["via"]): entry for entry in run["entries"]}


def compare(a: Result, b: Result) -> list[Difference]:
    """Every figure that both have. Raises Complaint for runs of different things."""
    for name, run in (("A", a), ("B", b)):
        if not run["entries"]:
            raise Complaint(
                f"{name} has no entries to compare: its suite, {run['suite']}, measures in its own way"
            )
    require_alike(a, b)
    mine, theirs, pace = entries(a), entries(b), relative_pace(a, b)
    both = [key for key in mine if key in theirs]
    if not both:
        raise Complaint("these two have no rung in common")
    found = []
    for key in both:
        name = f"{mine[key]['title']} ({key[1]})"
        found += [
            told_apart(
                f"{name}, processor time",
                "µs",
                mine[key]["cpu_us"]["server"]["rounds"],
                times(theirs[key]["cpu_us"]["server"]["rounds"], pace),
            ),
        ]
        if "throughput" in mine[key].get("closed", {}):
            pair = [entry["closed"]["throughput"]["rounds"] for entry in (mine[key], theirs[key])]
            limited = mine[key]["client_limited"] or theirs[key]["client_limited"]
            found += [] if limited else [told_apart(f"{name}, throughput", "/s", *pair)]
    return judged(found)


def relative_pace(a: Result, b: Result) -> float:
    """How fast B's core was, as a part of A's; 1 where that is not known."""
    mine, theirs = a.get("pace"), b.get("pace")
    return float(theirs["median"] / mine["median"]) if mine and theirs else 1.0


def times(rounds: Sequence[float], factor: float) -> list[float]:
    """Each of them so many times."""
    return [each * factor for each in rounds]


def told_apart(what: str, unit: str, a: Sequence[float], b: Sequence[float]) -> Difference:
    """The two medians, and how likely rounds of the same thing are as far apart."""
    return Difference(what, unit, median(a), median(b), chance(a, b))


def judged(found: Sequence[Difference]) -> list[Difference]:
    """Which of them are real."""
    return [
        Difference(each.what, each.unit, each.a, each.b, each.chance,
                   each.chance <= LEVEL and abs(each.change) >= RUNS_DIFFER)
        for each in found
    ]  # fmt: skip


def show(one: Path, other: Path, say: Callable[[str], None]) -> int:
    """Print the comparison; 0 if no difference is real, 1 if one is."""
    a, b = read(one), read(other)
    found = compare(a, b)
    say(f"A  {one}, {a['started']}, {a['versions'].get('layercake', '')}")
    say(f"B  {other}, {b['started']}, {b['versions'].get('layercake', '')}\n")
    for name in sorted({*a["versions"], *b["versions"]}):
        if a["versions"].get(name) != b["versions"].get(name):
            say(f"{name}: {a['versions'].get(name)} and {b['versions'].get(name)}")
    for name in sorted({*a["stack"], *b["stack"]}):
        if a["stack"].get(name) != b["stack"].get(name):
            say(f"{name}: {a['stack'].get(name)} and {b['stack'].get(name)}")
    if (pace := relative_pace(a, b)) != 1:
        say(f"B's core ran at {pace:.0%} of A's pace: its processor times are given as at A's")
    for difference in found:
        say(str(difference))
    real = sum(difference.real for difference in found)
    say(
        f"\n{real} of {len(found)} differences are real: p at most {LEVEL:g} in a permutation test on the "
        f"rounds, and {RUNS_DIFFER:.0%} or more, as two runs of the same thing may differ by less."
        if real
        else f"\nNo difference was found in {len(found)} figures."
    )
    return 1 if real else 0
