"""What every attack has done to everybody, as a person reads it: attacks down, victims across."""

from collections.abc import Iterator, Mapping, Sequence

from reliability.attacks import ATTACKS
from reliability.peers import PEERS
from reliability.places import PLACES
from reliability.record import Figures, Tables, dated
from reliability.trial import Outcome
from reliability.victims import DESCRIPTORS, VICTIMS

__all__ = ["NGINX", "figures", "grid"]

#: How a service behind nginx is called on the command line.
NGINX = "nginx/"

#: Who stands beside whom.
TABLES: Mapping[str, Sequence[str]] = {
    f"On their own ports, with {DESCRIPTORS:,} descriptors": tuple(VICTIMS),
    "Through nginx": tuple(NGINX + name for name in PLACES),
    f"Other servers, on their own ports, with {DESCRIPTORS:,} descriptors": tuple(PEERS),
}


def figures(outcome: Outcome) -> Figures:
    """What is kept of a trial. JSON has no infinity."""
    return {
        "share": round(outcome.visits.share, 4),
        "p99": None if outcome.visits.p99 == float("inf") else round(outcome.visits.p99, 4),
        "growth": max(outcome.growth, 0),
        "recovery": None if outcome.recovery == float("inf") else round(outcome.recovery, 2),
        "complaints": outcome.complaints(),
    }


def grid(found: Tables) -> str:
    """The tables of all of whom something is known."""
    known = {title: [name for name in names if name in found] for title, names in TABLES.items()}
    tables = [table(title, names, found) for title, names in known.items() if names]
    return "\n\n".join(tables) or "*Nothing was recorded yet: `RECORD=1 make abuse`.*"


def table(title: str, names: Sequence[str], found: Tables) -> str:
    """A row for each attack, two more for what was worst, and below it the reasons and the runs."""
    every = dict.fromkeys(attack for those in ATTACKS.values() for attack in those)
    attacks = [attack for attack in every if any(attack in found[name] for name in names)]
    tried = {name: [each for each in map(found[name].get, attacks) if each] for name in names}
    lines = [
        row("attack", *(name.removeprefix(NGINX) for name in names)),
        "|---" * (len(names) + 1) + "|",
        *(row(attack, *(cell(found[name].get(attack)) for name in names)) for attack in attacks),
        row("*largest growth*", *(grown(tried[name]) for name in names)),
        row("*well again after, at most*", *(recovered(tried[name]) for name in names)),
    ]
    runs = {f"`{name}`, {attack}": found[name][attack]["run"] for name, attack in both(names, attacks, found)}
    reasons = "\n".join(
        f"* `{name}`, {attack}: {'; '.join(found[name][attack]['complaints'])}"
        for name, attack in both(names, attacks, found)
        if found[name][attack]["complaints"]
    )
    parts = [f"**{title}**", "\n".join(lines), reasons, dated(runs)]
    return "\n\n".join(part for part in parts if part)


def both(names: Sequence[str], attacks: Sequence[str], found: Tables) -> Iterator[tuple[str, str]]:
    """Every trial, victim by victim."""
    return ((name, attack) for name in names for attack in attacks if attack in found[name])


def row(*cells: str) -> str:
    """A line of Markdown."""
    return f"| {' | '.join(cells)} |"


def cell(each: Figures | None) -> str:
    """How many visits went well, and how long 99 of 100 of those took; bold if that was not all well."""
    if each is None:
        return ""
    share = int(each["share"] * 1000) / 10  # never 100 % for less
    words = f"{share:g} %"
    if each["p99"] is not None:
        words += f", {max(each['p99'] * 1e3, 1):,.0f} ms"
    return f"**{words}**" if each["complaints"] else words


def grown(tried: Sequence[Figures]) -> str:
    """The most by which it grew."""
    return f"{max(each['growth'] for each in tried) / 1e6:.0f} MB"


def recovered(tried: Sequence[Figures]) -> str:
    """The longest that it took."""
    if any(each["recovery"] is None for each in tried):
        return "never"
    return f"{max(each['recovery'] for each in tried):.2f} s"
