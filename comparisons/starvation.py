"""How many may hold a server up before a visitor who wants nothing special is not served any more?

A server whose application blocks has so many places: its processes times their threads. As long as one is
free a visitor is served as ever; when all are taken, not at all. That is the prediction, and here it stands
beside what is measured, up to four hundred at once.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from comparisons.starvation_clients import KINDS, Terms, is_free, step
from comparisons.starvation_report import METHOD, report
from comparisons.table import Comparison, on_server

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comparisons.arena import Arena
    from comparisons.starvation_clients import Address, Step
    from comparisons.table import Candidate

__all__ = ["HOLDERS", "PLACES", "STARVED", "SUITE", "best", "finding", "findings", "measure"]

HOLDERS: Final = (0, 1, 3, 4, 8, 15, 16, 64, 400)
"""Right beneath and at the capacities that are predicted, and far beyond."""

QUICK: Final = (0, 3, 4, 15, 16, 64)

STARVED: Final = 0.5
"""A visitor who is served less often than this is called starved."""

TRIES: Final = 2
"""A machine that is busy elsewhere starves everybody, once; places that are taken do so each time."""

WITHIN: Final = 30.0
"""Seconds for a server to work off what was queued up when those who asked for it have gone."""

PLACES: Final[dict[str, tuple[int, int] | None]] = {
    "sync": (4, 1),
    "gthread": (1, 4),
    "gthread-16": (1, 16),
    "httpd": (1, 4),
    "waitress": (1, 4),
    "asgi": None,
}
"""Processes and threads of each; None where what waits takes neither."""

GUNICORN: Final = "{python} -m gunicorn --bind {host}:{port} --log-level warning --no-control-socket"

BLOCKS: Final = "comparisons.apps.patient:wsgi"


candidate: Final = partial(
    on_server,
    group="starvation",
    uses=("serving", "httpd"),  # one of them is, and all share an image
)
"""The patient application on this server."""


def findings(address: Address, holders: Sequence[int], terms: Terms, kind: str) -> tuple[list[Step], bool]:
    """Step by step until it starves, and whether it came back afterwards.

    More than starve it are not tried: each would only have to be waited for.
    """
    steps: list[Step] = []
    for number in holders:
        tries = (asyncio.run(step(address, kind, number, terms)) for _ in range(TRIES))
        steps.append(best(tries))
        if steps[-1].success < STARVED:
            break
    return steps, asyncio.run(is_free(address, WITHIN))


def best(tries: Iterable[Step]) -> Step:
    """The first in which the visitor was served, else the best."""
    found = None
    for each in tries:
        if found is None or each.success > found.success:
            found = each
        if found.success >= STARVED:
            break
    assert found is not None  # noqa: S101 - for the type checker: there is a first
    return found


def measure(arena: Arena) -> list[dict[str, Any]]:
    """Every candidate, held up in each way."""
    holders = QUICK if arena.quick else HOLDERS
    terms = Terms(seconds=0.5, patience=0.5, settle=0.3) if arena.quick else Terms()
    share = SUITE.seconds * (0.2 if arena.quick else 1.0) / max(len(arena.candidates), 1) / len(KINDS)
    found = []
    for each in arena.candidates:  # that listens, and may still be importing
        asyncio.run(is_free(arena.address(each.name), WITHIN))
    for kind in KINDS:
        for each in arena.candidates:
            arena.progress.show(f"{each.title}, {kind}")
            steps, recovered = findings(arena.address(each.name), holders, terms, kind)
            memory = arena.hop(each.name).memory
            found.append(finding(each, kind, steps, memory, terms.patience, recovered=recovered))
            arena.progress.advance(share)
    return found


def finding(
    each: Candidate, kind: str, steps: Sequence[Step], memory: int, patience: float, *, recovered: bool
) -> dict[str, Any]:
    """As result.json has it. Times are µs."""
    places = PLACES[each.name]
    fine = [each.holders for each in steps if each.success >= STARVED]
    return {
        "candidate": each.name,
        "title": each.title,
        "kind": kind,
        "processes": places[0] if places else None,
        "threads": places[1] if places else None,
        "predicted": places[0] * places[1] if places else None,
        "served_with": max(fine, default=None),
        "starved_by": next((each.holders for each in steps if each.success < STARVED), None),
        "recovered": recovered,
        "patience": microseconds(patience),
        "memory": memory,
        "steps": [
            {
                "holders": each.holders,
                "asked": each.asked,
                "answered": len(each.times),
                "p50": microseconds(each.percentile(0.5)),
                "p99": microseconds(each.percentile(0.99)),
            }
            for each in steps
        ],
    }


def microseconds(seconds: float | None) -> float | None:
    """As every time in result.json."""
    return None if seconds is None else round(seconds * 1e6, 1)


SUITE: Final = Comparison(
    name="starvation",
    title="Who is starved by those who wait",
    question="How many long polls or slow clients does a server bear before a visitor is turned away?",
    candidates=(
        candidate(
            "sync",
            "Gunicorn, sync",
            f"{GUNICORN} --worker-class sync --workers 4 {BLOCKS}",
            "4 processes, 1 thread each",
            "Gunicorn's default worker; four of them, so that there are as many places as with threads.",
            "gunicorn>=27",
        ),
        candidate(
            "gthread",
            "Gunicorn, gthread",
            f"{GUNICORN} --worker-class gthread --workers 1 --threads 4 {BLOCKS}",
            "1 process, 4 threads",
            "What the stack's own site runs on.",
            "gunicorn>=27",
        ),
        candidate(
            "gthread-16",
            "Gunicorn, gthread × 16",
            f"{GUNICORN} --worker-class gthread --workers 1 --threads 16 {BLOCKS}",
            "1 process, 16 threads",
            "The same with four times the places: what more threads buy.",
            "gunicorn>=27",
        ),
        candidate(
            "httpd",
            "httpd",
            f"{{python}} -m httpd --listen {{host}}:{{port}} --app {BLOCKS} --model selector --threads 4",
            "1 process, a loop and 4 threads beside it",
            "As the stack starts it.",
        ),
        candidate(
            "waitress",
            "waitress",
            f"{{python}} -m waitress --listen={{host}}:{{port}} --threads=4 --connection-limit=1000 {BLOCKS}",
            "1 process, a loop and 4 threads beside it; 1,000 connections",
            "Its default threads; its default of 100 connections is less than are held here.",
            "waitress>=3",
        ),
        candidate(
            "asgi",
            "Gunicorn, asgi",
            f"{GUNICORN} --worker-class asgi --workers 1 comparisons.apps.patient:asgi",
            "1 process, 1 thread, which is a loop",
            "The same application written for a loop, on Gunicorn's own worker for that.",
            "gunicorn>=27",
        ),
    ),
    conformance=False,
    measure=measure,
    report=report,
    method=METHOD,
    seconds=200.0,
)
