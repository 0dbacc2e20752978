"""Which comparisons there are: a module each, found by its name."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from bench.complaint import Complaint

if TYPE_CHECKING:
    from comparisons.table import Candidate, Comparison

__all__ = ["NAMES", "chosen", "comparison", "groups"]

NAMES: Final = ("models", "servers", "frameworks", "starvation", "proxy")
"""In the order in which one would read them. Each is a module here, with a SUITE in it."""


def comparison(name: str) -> Comparison:
    """The suite of that name."""
    suite: Comparison = import_module(f"comparisons.{name}").SUITE
    return suite


def chosen(suite: Comparison, only: str) -> Comparison:
    """The suite with these candidates only, which are separated by commas. Raises Complaint."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    known = [candidate.name for candidate in suite.candidates]
    if unknown := [name for name in names if name not in known]:
        raise Complaint(f"{suite.name} has no {', '.join(unknown)}: ONLY takes some of {', '.join(known)}")
    if not names:
        return suite
    return replace(suite, candidates=tuple(each for each in suite.candidates if each.name in names))


def known(name: str) -> bool:
    """Has it been written yet?"""
    return find_spec(f"comparisons.{name}") is not None


def groups() -> dict[str, list[Candidate]]:
    """All candidates by whose environment they run in."""
    found: dict[str, list[Candidate]] = {}
    for name in NAMES:
        for candidate in comparison(name).candidates if known(name) else ():
            found.setdefault(candidate.belongs, []).append(candidate)
    return found
