"""What came of a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Verdict", "Wrong", "judge"]

Server = TypeVar("Server")


class Wrong(Exception):  # noqa: N818 - what is wrong is the server, and not the check
    """What a server did that the standard rules out, in a few words."""


class Verdict(NamedTuple):
    """How many cases went as the standard says, of how many, and what happened in the others."""

    passed: int
    total: int
    failures: tuple[tuple[str, str], ...]
    """The case with its section, and what the server did."""


def judge(
    controls: Sequence[tuple[str, Callable[[Server], None]]],
    cases: Sequence[tuple[str, Callable[[Server], None]]],
    server: Server,
) -> Verdict:
    """Try each case, unless what is well-formed goes wrong already: then a refusal would say nothing."""
    if failures := wrong(controls, server):
        return Verdict(0, len(cases), failures)
    failures = wrong(cases, server)
    return Verdict(len(cases) - len(failures), len(cases), failures)


def wrong(
    cases: Sequence[tuple[str, Callable[[Server], None]]], server: Server
) -> tuple[tuple[str, str], ...]:
    """Those that went wrong, and how."""
    failures = []
    for name, case in cases:
        try:
            case(server)
        except Wrong as what:
            failures.append((name, str(what)))
    return tuple(failures)
