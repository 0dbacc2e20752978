"""A core for the generator, the others for the stack: so that neither takes the other's time.

What was allowed before is allowed again afterwards. Processes that may not be moved, as those of an engine in
a virtual machine or of another user, stay where they are, and the result says so.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Cores", "keep_apart", "split", "together"]


class Cores(NamedTuple):
    """Who runs where; empty where there is nothing to choose."""

    load: tuple[int, ...]
    stack: tuple[int, ...]


def split() -> Cores:
    """The last core is the generator's."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return Cores((allowed[-1],), tuple(allowed[:-1])) if len(allowed) > 1 else Cores((), ())


def together() -> Cores:
    """All of them for the stack: for a load that costs next to nothing."""
    load, stack = split()
    return Cores((), (*stack, *load))


def tasks(pids: Iterable[int]) -> Iterator[int]:
    """Every thread of some processes."""
    for pid in pids:
        with suppress(OSError):
            yield from (int(task.name) for task in Path(f"/proc/{pid}/task").iterdir())


@contextmanager
def keep_apart(pids: Iterable[int], cores: Cores) -> Iterator[bool]:
    """Keep these processes to the stack's cores meanwhile; gives whether all of them are."""
    pids = tuple(pids)
    before: dict[int, set[int]] = {}
    moved = bool(cores.stack) and bool(pids)
    try:
        for task in tasks(pids) if moved else ():
            try:
                before[task] = os.sched_getaffinity(task)
                os.sched_setaffinity(task, cores.stack)
            except ProcessLookupError:
                continue  # a thread that has just ended
            except OSError:
                moved = False
        yield moved
    finally:
        for task in tasks(pids):  # a thread that was made meanwhile has its maker's
            with suppress(OSError):
                if before:
                    os.sched_setaffinity(task, before.get(task) or next(iter(before.values())))
