"""What a hop has used: the processor time, the waiting and the memory of all of its processes.

Processor time is the kernel's own clock of each process, which goes to the nanosecond and keeps the time of
threads that have ended. Waiting is the time that its threads were ready to run and had no core, because
others had it or a quota was used up (/proc/PID/task/TID/schedstat). What a hop used and what it waited for
together are its *demand*: a hop whose demand is all of the time is the limit, however little it was given.

The processes of a container are those of this machine too where the engine runs on the same kernel; one that
comes and goes meanwhile, as a container's health check does, is none of the service's and is left out.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["OTHERS", "Hop", "Reading", "Use", "accounts", "machine_busy", "tree"]

PROC: Final = Path("/proc")

CGROUPS: Final = Path("/sys/fs/cgroup")

OTHERS: Final = "others"
"""What is not one of the hops: everybody else on the machine."""

Quota = tuple[float, float]
"""What a container's engine says: seconds used, and seconds stopped by a quota."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a hop did in a window."""

    seconds: float
    """The window's length."""
    processor: float
    """Seconds of processor time."""
    demand: float
    """The part of the window that its processes ran or waited to run, each weighted by what it did."""
    throttled: float = 0.0
    """The part of the window in which a quota had stopped it."""

    @property
    def cores(self) -> float:
        """How many it kept busy."""
        return self.processor / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a hop has used so far."""

    when: float
    processor: Mapping[int, float]
    waited: Mapping[int, float]
    quota: Quota | None = None

    def until(self, later: Reading) -> Use:
        """What lies between the two."""
        seconds = later.when - self.when
        used = {pid: later.processor[pid] - self.processor.get(pid, 0.0) for pid in later.processor}
        total = sum(used.values())
        demand = 0.0
        for pid, part in used.items():
            wanted = part + later.waited.get(pid, 0.0) - self.waited.get(pid, 0.0)
            # A Python process, Redis and a worker of nginx run one thread at a time: a whole core is all that
            # each can use.
            demand += min(wanted / seconds, 1.0) * (part / total) if total > 0 else 0.0
        if not self.quota or not later.quota:
            return Use(seconds, total, demand)
        if not used:  # the engine runs on another kernel: its word is all there is
            total = later.quota[0] - self.quota[0]
            demand = min(total / seconds, 1.0)
        return Use(seconds, total, demand, max(later.quota[1] - self.quota[1], 0.0) / seconds)


@dataclass(frozen=True)
class Hop:
    """One station of a request: a service, nginx, Redis or the generator."""

    name: str
    pids: tuple[int, ...] = ()
    quota: Callable[[], Quota] | None = None
    """Asks the container's engine."""
    limits: tuple[Path, ...] = ()
    """The kernel's own accounts of a quota: cpu.stat files of a control group."""

    def read(self) -> Reading:
        """What it has used by now."""
        quota = self.quota() if self.quota else stopped(self.limits) if self.limits else None
        now = time.monotonic()
        return Reading(
            now,
            {pid: used for pid in self.pids if (used := processor(pid)) is not None},
            {pid: waited(pid) for pid in self.pids},
            quota,
        )

    @property
    def memory(self) -> int:
        """Bytes that its processes have to themselves, or hold resident where the kernel tells no more."""
        return sum(memory(pid) for pid in self.pids)

    @property
    def lives(self) -> bool:
        """Are all of its processes still there?"""
        return all(psutil.pid_exists(pid) for pid in self.pids)


def machine_busy() -> float:
    """Seconds for which the machine's cores have not been idle, and those that its host took away."""
    times = psutil.cpu_times()
    parts = ("user", "nice", "system", "irq", "softirq", "steal")
    return float(sum(getattr(times, part, 0.0) for part in parts))


def tree(root: int) -> tuple[int, ...]:
    """A process and all that descend from it."""
    try:
        process = psutil.Process(root)
        return (root, *(child.pid for child in process.children(recursive=True)))
    except psutil.NoSuchProcess:
        return ()


def processor(pid: int) -> float | None:
    """Seconds of processor time that a process has used, all of its threads, living or not."""
    try:
        # clock_getcpuclockid(3): the number of a process's clock is made of its complement.
        return time.clock_gettime(((~pid) << 3) | 2)
    except (OSError, OverflowError, AttributeError):
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            return float(times.user + times.system)
    return None


def waited(pid: int) -> float:
    """Seconds for which its threads were ready and had no core; 0 where the kernel does not tell."""
    total = 0
    with suppress(OSError):
        for task in (PROC / str(pid) / "task").iterdir():
            with suppress(OSError):  # a thread that has just ended
                total += int((task / "schedstat").read_text().split()[1])
    return total / 1e9


def memory(pid: int) -> int:
    """Bytes of one process."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        with suppress(psutil.AccessDenied):
            return int(process.memory_full_info().uss)
        return int(process.memory_info().rss)
    return 0


def stopped(files: tuple[Path, ...]) -> Quota:
    """Seconds for which a control group's quota has stopped it, by the kernel's two ways to say so."""
    total = 0.0
    for file in files:
        with suppress(OSError):
            for line in file.read_text(encoding="ascii").splitlines():
                name, _, value = line.partition(" ")
                total += {"throttled_usec": 1e-6, "throttled_time": 1e-9}.get(name, 0.0) * int(value)
    return 0.0, total


def accounts(pid: int) -> tuple[Path, ...]:
    """Where the kernel keeps the accounts of the control group that a process is in; none elsewhere."""
    found = []
    with suppress(OSError):
        for line in (PROC / str(pid) / "cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers or "cpu" in controllers.split(","):
                folder = CGROUPS / ("cpu" if controllers else "") / path.lstrip("/")
                found += [file for file in (folder / "cpu.stat",) if file.exists()]
    return tuple(found)
