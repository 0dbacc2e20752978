"""Giving a hop a fraction of a core, to see whether the bench names it. For root, on Linux."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.complaint import Complaint
from bench.cores import tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["limited"]

PERIOD: Final = 100_000
"""µs, as everybody has it. The kernel grants no quota below 1,000 µs of it."""

OLD: Final = Path("/sys/fs/cgroup/cpu")
NEW: Final = Path("/sys/fs/cgroup")


@contextmanager
def limited(pids: Sequence[int], cores: float) -> Iterator[Path]:
    """Keep processes to so much of a core meanwhile; gives the group's cpu.stat. Raises Complaint where that
    can't be done.
    """
    quota = int(PERIOD * cores)
    old = (OLD / "cpu.cfs_quota_us").exists()
    root = OLD if old else NEW
    group = root / f"layercake-{os.getpid()}"
    try:
        group.mkdir()
        if old:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {PERIOD}")
        homes = {pid: home(pid, old=old) for pid in pids}
        move(pids, group, old=old)
    except OSError as error:
        with suppress(OSError):
            group.rmdir()
        raise Complaint(
            f"no control group with a quota can be made here ({error.strerror}): it takes root"
        ) from None
    try:
        yield group / "cpu.stat"
    finally:
        for pid, place in homes.items():
            with suppress(OSError):
                move([pid], root / place.lstrip("/"), old=old)
        with suppress(OSError):
            group.rmdir()


def home(pid: int, *, old: bool) -> str:
    """The group that a process is in."""
    for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        if ("cpu" in controllers.split(",")) if old else not controllers:
            return path
    return "/"


def move(pids: Sequence[int], group: Path, *, old: bool) -> None:
    """Put processes into a group, with their threads."""
    for one in tasks(pids) if old else pids:
        with suppress(ProcessLookupError):
            (group / ("tasks" if old else "cgroup.procs")).write_text(str(one))
