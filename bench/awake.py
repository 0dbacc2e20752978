"""A core that stays awake while a service on it is measured, and how fast it was meanwhile.

A service at a low rate sleeps between two requests, and so does its core. What it costs to wake up, how cold
everything is then, how high the core's clock is and what a neighbour on the same silicon takes are the
machine's affair and not the layer's, and they change by the minute, in a virtual machine most of all. So the
core has somebody who never sleeps and gives way to everybody (sched(7): SCHED_IDLE, and the least weight for
his session, as sessions are weighed against each other first). He does the same small round of Python and
kernel over and over: how many rounds he does in a second of processor time, in the very window in which a
service is measured, is the core's *pace*. Times of different windows are made comparable with it. Between
such windows he is stopped, and takes nothing from a core of which all is wanted.
"""

from __future__ import annotations

import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from bench.hops import processor
from bench.load import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ASLEEP", "Awake", "Beat", "keep_awake"]

COUNT: Final = struct.Struct("Q")
"""The machine's own: written and read as a whole. Of another one half could be seen."""

BATCH: Final = 20
"""Rounds between two looks at the count: some tens of µs."""

LEAST: Final = 0.02
"""Seconds of processor time from which a pace is one: on a core that was busy nobody else ran."""

PATIENCE: Final = 10.0
"""Seconds for one to begin. Whoever can't, as the kernel or a container does not let him, is done without."""

AUTOGROUP: Final = Path("/proc/self/autogroup")

MESSAGE: Final = b"GET /hello HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n"


class Beat(NamedTuple):
    """What those who never sleep have done so far."""

    rounds: int
    processor: float
    """Seconds."""

    def until(self, later: Beat) -> Beat:
        """What lies between the two."""
        return Beat(later.rounds - self.rounds, later.processor - self.processor)

    @property
    def pace(self) -> float | None:
        """Rounds for each second of processor time; None if there was no time for them."""
        return self.rounds / self.processor if self.processor >= LEAST else None


@dataclass(frozen=True)
class Awake:
    """Those who never sleep, of some cores."""

    idlers: Sequence[tuple[int, mmap.mmap]] = ()
    """Processes, and where each writes its count."""

    def read(self) -> Beat:
        """What they have done by now."""
        rounds = sum(COUNT.unpack_from(count)[0] for _, count in self.idlers)
        return Beat(rounds, sum(processor(pid) or 0.0 for pid, _ in self.idlers))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Meanwhile they don't sleep; before and after it they are stopped."""
        self.tell(signal.SIGCONT)
        try:
            yield
        finally:
            self.tell(signal.SIGSTOP)

    def tell(self, number: signal.Signals) -> None:
        """All of them."""
        for pid, _ in self.idlers:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


ASLEEP: Final = Awake()
"""Nobody."""


@contextmanager
def keep_awake(cores: Sequence[int]) -> Iterator[Awake]:
    """Have somebody on each of these cores meanwhile, stopped until he is wanted; nobody where the kernel
    knows no such thing, or does not let us.
    """
    processes: list[subprocess.Popen[bytes]] = []
    idlers: list[tuple[int, mmap.mmap]] = []
    try:
        for core in cores if hasattr(os, "SCHED_IDLE") else ():
            with tempfile.TemporaryFile() as file:
                file.truncate(COUNT.size)
                processes.append(begin(core, file))
                idlers.append((processes[-1].pid, mmap.mmap(file.fileno(), COUNT.size)))
        awake = Awake(idlers)
        able = all(begun(process, count) for process, (_, count) in zip(processes, idlers, strict=True))
        awake.tell(signal.SIGSTOP if able else signal.SIGKILL)
        yield awake if able else ASLEEP
    finally:
        for process in processes:
            process.kill()
            process.wait()
        for _, count in idlers:
            count.close()


def begin(core: int, file: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start one, which ends with us however we end."""
    words = [str(core), str(file.fileno()), str(os.getpid())]
    return subprocess.Popen(
        [sys.executable, "-m", "bench.awake", *words], cwd=ROOT, pass_fds=[file.fileno()],
        start_new_session=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def begun(process: subprocess.Popen[bytes], count: mmap.mmap) -> bool:
    """Has he counted something?"""
    deadline = time.monotonic() + PATIENCE
    while not COUNT.unpack_from(count)[0]:
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def idle(core: int, file: int, parent: int) -> None:
    """Never sleep, and count, until nobody is there any more for whom to count."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.sched_setaffinity(0, {core})
    with suppress(OSError):  # where there is none, sessions are not weighed
        AUTOGROUP.write_text("19")
    here, there = socket.socketpair()
    rounds = 0
    with mmap.mmap(file, COUNT.size) as count:
        while os.getppid() == parent:
            for _ in range(BATCH):
                here.send(MESSAGE)
                head = there.recv(4096).decode("latin-1")
                fields = dict(line.split(": ") for line in head.split("\r\n")[1:-2])
                assert fields["Host"] == "localhost"  # noqa: S101 - it is work, and nothing is to be left out of it
            rounds += BATCH
            COUNT.pack_into(count, 0, rounds)


if __name__ == "__main__":
    idle(*(int(word) for word in sys.argv[1:]))
