"""Who works how hard while a test runs, as far as it can be seen from the process that serves the page.

Natively everybody is on this machine: whoever listens on a service's port is that service, with its parent
and its children of the same program. In a container the others' processes are not there to be looked at; the
machine's own counters are, and what the generator takes is known from its workers. Nothing is guessed from
that: what can't be seen is said to be unseen.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import gevent
import psutil
from locust.runners import MasterRunner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from locust.runners import Runner

    from loadtests.addresses import Address

__all__ = ["FULL", "GENERATORS", "Generators", "Look", "Processors", "Work", "saturated"]

FULL: Final = 0.9
"""The part of a core at which a process that can use no more than one is the limit: above it, its queue and
not its work decides how long a request takes."""

CROWDED: Final = 0.95
"""The part of all cores at which the machine is the limit, whoever uses them."""

LOOK_AGAIN: Final = 15.0
"""Seconds after which the processes are looked for anew, as some may have been started or restarted."""

LEAST: Final = 0.5
"""Seconds between two looks that are far enough apart to tell a share of a core."""

KEY: Final = "layercake-processor"
"""Under which a worker's report holds what it has spent."""

LOCAL: Final = ("127.0.0.1", "::1", "localhost")


class Work(NamedTuple):
    """What a hop does: cores in use, and the busiest of its processes, of at most one core unless it has
    threads that run at once.
    """

    cores: float
    busiest: float


class Look(NamedTuple):
    """Seconds of processor time so far, by hop and process, and of the whole machine."""

    at: float
    spent: dict[str, dict[int, float]]
    machine: float


class Processors:
    """Looks at the hops from time to time. For one greenlet at a time."""

    def __init__(self, addresses: Mapping[str, Address]) -> None:
        """`addresses` by the names of the hops; those on other machines, or in other containers, are not
        seen.
        """
        self._ports = {name: address.port for name, address in addresses.items() if address.host in LOCAL}
        self.unseen = sorted(set(addresses) - set(self._ports))
        self._processes: dict[str, list[psutil.Process]] = {}
        self._found = float("-inf")
        self._last: Look | None = None
        self._work: dict[str, Work] = {}
        self.cores = psutil.cpu_count() or 1
        self.machine = 0.0
        """Cores of the machine that are busy, with whatever."""

    def work(self) -> dict[str, Work]:
        """What each hop has done since the last look. Empty at the first."""
        now = time.monotonic()
        if self._last is not None and now - self._last.at < LEAST:
            return self._work
        if now - self._found > LOOK_AGAIN:
            self._found = now
            # Finding them reads every descriptor of the machine, which takes a while. The master has workers
            # to hear meanwhile.
            self._processes = gevent.get_hub().threadpool.apply(find, (self._ports, self._processes))
        before, self._last = self._last, self._look()
        if before is not None:
            self._work = compare(before, self._last)
            self.machine = max(self._last.machine - before.machine, 0) / (self._last.at - before.at)
        return self._work

    def _look(self) -> Look:
        spent: dict[str, dict[int, float]] = {}
        for name, processes in self._processes.items():
            for process in processes:
                with suppress(psutil.Error):  # it has ended, and is looked for anew in a while
                    times = process.cpu_times()
                    spent.setdefault(name, {})[process.pid] = times.user + times.system
        return Look(time.monotonic(), spent, busy())


def busy() -> float:
    """Seconds that the machine's cores have worked, together."""
    times = psutil.cpu_times()._asdict()
    # Linux counts the time of virtual machines as theirs and as the user's.
    idle = ("idle", "iowait", "guest", "guest_nice")
    return float(sum(seconds for name, seconds in times.items() if name not in idle))


def compare(before: Look, after: Look) -> dict[str, Work]:
    """What has been done in between."""
    seconds = after.at - before.at
    work = {}
    for name, spent in after.spent.items():
        known = before.spent.get(name, {})
        shares = [(spent[pid] - known[pid]) / seconds for pid in spent if pid in known]
        work[name] = Work(sum(shares), max(shares, default=0.0))
    return work


def find(
    ports: Mapping[str, int], known: Mapping[str, list[psutil.Process]]
) -> dict[str, list[psutil.Process]]:
    """The processes behind each port. The first of each is still the first while it runs."""
    if ports.keys() <= known.keys() and all(one[0].is_running() for one in known.values()):
        return {name: family(processes[0].pid) for name, processes in known.items()}
    listening: dict[int, int] = {}
    with suppress(psutil.Error):  # we may not be allowed to look
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.pid and one.laddr:
                listening[one.laddr.port] = one.pid
    found = {name: family(listening[port]) for name, port in ports.items() if port in listening}
    return {name: processes for name, processes in found.items() if processes}


def family(pid: int) -> list[psutil.Process]:
    """A process, its parents of the same program, and all of their children."""
    try:
        oldest = psutil.Process(pid)
        while (parent := oldest.parent()) and same_program(oldest, parent):
            oldest = parent
        return [oldest, *oldest.children(recursive=True)]
    except psutil.Error:
        return []


def same_program(process: psutil.Process, parent: psutil.Process) -> bool:
    """A fork has its parent's command line; nginx writes another one over it, but keeps its name."""
    return parent.cmdline() == process.cmdline() or parent.name() == process.name() == "nginx"


class Generators:
    """How much of a core each generating process uses. Workers say so themselves, with each report.

    (Locust's own figure is a whole percentage of the last five seconds.)
    """

    def __init__(self) -> None:
        self._said: dict[str, tuple[float, float]] = {}
        self._shares: dict[str, float] = {}

    def report(self, data: dict[str, Any]) -> None:
        """On a worker: say what has been spent so far, and when."""
        data[KEY] = (time.monotonic(), time.process_time())

    def hear(self, client_id: str, data: Mapping[str, Any], **_: object) -> None:
        """On the master: a worker has said so."""
        if KEY not in data:
            return
        at, spent = data[KEY]
        before, spent_before = self._said.get(client_id, (at, spent))
        if at - before >= LEAST:
            self._shares[client_id] = (spent - spent_before) / (at - before)
        elif client_id in self._said:
            return
        self._said[client_id] = (at, spent)

    def shares(self, runner: Runner | None) -> dict[str, float]:
        """The part of a core by process: of the workers that there are, or of this process if it does all."""
        if isinstance(runner, MasterRunner):
            return {worker: self._shares.get(worker, 0.0) for worker in runner.clients}
        if runner is None:
            return {}
        data: dict[str, Any] = {}
        self.report(data)
        self.hear("this process", data)
        return {"this process": self._shares.get("this process", 0.0)}


GENERATORS = Generators()
"""Those of this master."""


def saturated(work: Mapping[str, Work], generators: Iterable[float], machine: float, cores: int) -> list[str]:
    """The hops that can do no more, the generator first: what it can't send nobody can answer."""
    full = [name for name, done in work.items() if done.busiest >= FULL]
    if any(share >= FULL for share in generators):
        full.insert(0, "generator")
    if machine >= cores * CROWDED:
        full.append("machine")
    return full
