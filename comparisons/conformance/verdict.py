"""What came of a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PATIENCE", "Verdict", "Wrong", "judge"]

Server = TypeVar("Server")

PATIENCE: Final = 15.0
"""Seconds for what is well-formed: many servers listen a while before they have imported the application."""


class Wrong(Exception):  # noqa: N818 - what is wrong is the server, and not the check
    """What a server did that the standard rules out, in a few words."""


class Verdict(NamedTuple):
    """How many cases went as the standard says, of how many, and what happened in the others."""

    passed: int
    total: int
    failures: tuple[tuple[str, str], ...]
    """The case with its section, and what the server did."""


def judge(cases: Sequence[tuple[str, Callable[[Server], None]]], server: Server) -> Verdict:
    """Try each case, whatever came of the others."""
    failures = []
    for name, case in cases:
        try:
            case(server)
        except Wrong as wrong:
            failures.append((name, str(wrong)))
    return Verdict(len(cases) - len(failures), len(cases), tuple(failures))
