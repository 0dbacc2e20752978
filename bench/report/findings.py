"""What one sees, in a sentence: made of the figures, so that it is never another run's.

Who is wrong, who is at the client's limit and who is not told apart by the intervals is not ranked.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from bench.report.words import amount, listed, time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["cheapest", "curve", "fastest", "served"]

Entry = dict[str, Any]


def fair(entries: Sequence[Entry]) -> list[Entry]:
    """Those that gave the right bytes back."""
    return [entry for entry in entries if not entry["wrong"]]


def times(more: float, less: float) -> str:
    """How many times as much."""
    part = more / less if less else 0.0
    return f"{part:.0f}" if part >= 9.95 else f"{part:.1f}"


def named(entries: Sequence[Entry]) -> str:
    """Their names, as a list in a sentence."""
    return listed([str(entry["short"]) for entry in entries])


def cheapest(entries: Sequence[Entry]) -> str:
    """Who costs least and who most."""
    return ranking(
        fair(entries), lambda entry: entry["cpu_us"]["server"], time,
        "costs least processor time", "a request", best_is_low=True,
    )  # fmt: skip


def fastest(entries: Sequence[Entry]) -> str:
    """Who answers most requests a second."""
    right = [entry for entry in fair(entries) if "closed" in entry]
    limited = [entry for entry in right if entry["client_limited"]]
    found = ranking(
        [entry for entry in right if not entry["client_limited"]],
        lambda entry: entry["closed"]["throughput"], lambda value: f"{amount(value)}/s", "answers most", "",
        best_is_low=False,
    )  # fmt: skip
    if limited:
        found += (
            f" {named(limited)} came within 80 % of what the client can do, and "
            f"{'are' if len(limited) > 1 else 'is'} not ranked."
        )
    return found.strip()


def ranking(
    entries: Sequence[Entry],
    figure: Callable[[Entry], dict[str, Any]],
    write: Callable[[float], str],
    does: str,
    unit: str,
    *,
    best_is_low: bool,
) -> str:
    """The first, those that can't be told from it, and the last."""
    if len(entries) < 2:
        return ""
    order = sorted(entries, key=lambda entry: figure(entry)["median"], reverse=not best_is_low)
    best, worst = order[0], order[-1]
    level = [each for each in order[1:] if overlap(figure(best), figure(each))]
    one, other = figure(best)["median"], figure(worst)["median"]
    words = f"{best['short']} {does}, {write(one)}{f' {unit}' if unit else ''}"
    if len(level) == len(order) - 1:
        return f"{words}; no other is told apart from it."
    if level:
        words += f" (not told apart from {named(level)})"
    ratio = times(max(one, other), min(one, other))
    far = f"{ratio} times as much" if best_is_low else f"which is {ratio} times as many as"
    return (
        f"{words}; {worst['short']} most, {write(other)}, {far}."
        if best_is_low
        else f"{words}, {far} {worst['short']} with {write(other)}."
    )


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Do the two intervals?"""
    return bool(one["low"] <= other["high"] and other["low"] <= one["high"])


def curve(
    entries: Sequence[Entry],
    value: Callable[[Entry], float | None],
    write: Callable[[float], str],
    extremes: tuple[str, str],
    *,
    best_is_low: bool,
) -> str:
    """Who leads with the fewest connections and with the most, and whom it changes most."""
    right = fair(entries)
    # A rate that the client did not let grow is no rate of the server's; what it costs is not less true.
    limited = [] if best_is_low else [entry for entry in right if entry["client_limited"]]
    known = [
        (entry, found) for entry in right if entry not in limited and (found := value(entry)) is not None
    ]
    points = sorted({entry["connections"] for entry, _ in known})
    if len(points) < 2:
        return aside(limited)
    said = []
    for point in (points[0], points[-1]):
        here = sorted(
            ((found, entry) for entry, found in known if entry["connections"] == point),
            key=lambda each: each[0], reverse=not best_is_low,
        )  # fmt: skip
        at = f"with {amount(point)} connection{'s' if point > 1 else ''}"
        (best, leader), (worst, last) = here[0], here[-1]
        first = f"{at} {leader['short']} has the {extremes[0]} ({write(best)})"
        said.append(
            f"{first}, {last['short']} the {extremes[1]} ({write(worst)})" if len(here) > 1 else first
        )
    words = "; ".join(said)
    return " ".join(filter(None, [f"{words[0].upper()}{words[1:]}.", changed(known, points), aside(limited)]))


def aside(limited: Sequence[Entry]) -> str:
    """Who is not ranked, and why."""
    if not limited:
        return ""
    names = [{"short": name} for name in dict.fromkeys(entry["short"] for entry in limited)]
    points = ", ".join(amount(point) for point in sorted({entry["connections"] for entry in limited}))
    are = "are" if len(names) > 1 else "is"
    where = f"with {points} connections"
    return f"{named(names)} came within 80 % of what the client can do {where}, and {are} not ranked there."


def changed(known: Sequence[tuple[Entry, float]], points: Sequence[int]) -> str:
    """Of those that have both ends: who changes least and who most."""
    ends: dict[str, dict[int, float]] = {}
    for entry, found in known:
        ends.setdefault(entry["short"], {})[entry["connections"]] = found
    ratios = sorted(
        (max(a, b) / min(a, b), name)
        for name, at in ends.items()
        if (a := at.get(points[0])) and (b := at.get(points[-1]))
    )
    if len(ratios) < 2:
        return ""
    (least, steady), (most, moved) = ratios[0], ratios[-1]
    factors = f"{steady} changes least (by a factor of {least:.1f}), {moved} most ({most:.1f})"
    return f"From one to the other {factors}."


def served(entries: Sequence[Entry]) -> str:
    """Who leaves connections waiting."""
    short = [entry for entry in entries if entry["served"] < entry["connections"]]
    said = []
    for name, each in groupby(
        sorted(short, key=lambda entry: str(entry["short"])), key=lambda e: str(e["short"])
    ):
        counts = ", ".join(f"{amount(entry['served'])} of {amount(entry['connections'])}" for entry in each)
        said.append(f"{name} serves {counts} at once")
    return f"{'; '.join(said)}: the others wait until one of these hangs up." if said else ""
