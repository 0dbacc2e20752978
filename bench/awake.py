"""Cores that stay awake while they are measured, and how fast they were meanwhile.

A service at a low rate sleeps between two requests, and so does its core. What it costs to wake up, how cold
everything is then, how high the core's clock is and what a neighbour on the same silicon takes are the
machine's affair and not the layer's, and they change by the minute, in a virtual machine most of all. So each
core has somebody who never sleeps and gives way to everybody (SCHED_IDLE, sched(7)). He does the same small
round of Python and kernel over and over: how many rounds he does in a second of processor time, in the very
window in which a service is measured, is the core's *pace*. Times of different windows are made comparable
with it.
"""

from __future__ import annotations

import mmap
import os
import socket
import struct
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from bench.hops import processor
from bench.load import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ASLEEP", "Awake", "Beat", "keep_awake"]

COUNT: Final = struct.Struct("=Q")

BATCH: Final = 20
"""Rounds between two looks at the count: some tens of µs."""

LEAST: Final = 0.02
"""Seconds of processor time from which a pace is one: on a core that was busy nobody else ran."""

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


ASLEEP: Final = Awake()
"""Nobody."""


@contextmanager
def keep_awake(cores: Sequence[int]) -> Iterator[Awake]:
    """Have somebody on each of these cores meanwhile; nobody where the kernel knows no such thing."""
    if not hasattr(os, "SCHED_IDLE"):
        yield ASLEEP
        return
    processes: list[subprocess.Popen[bytes]] = []
    idlers: list[tuple[int, mmap.mmap]] = []
    try:
        for core in cores:
            with tempfile.TemporaryFile() as file:
                file.truncate(COUNT.size)
                process = begin(core, file)
                processes.append(process)
                idlers.append((process.pid, mmap.mmap(file.fileno(), COUNT.size)))
        yield Awake(idlers)
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
        start_new_session=True,
    )  # fmt: skip


def idle(core: int, file: int, parent: int) -> None:
    """Never sleep, and count, until nobody is there any more for whom to count."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.sched_setaffinity(0, {core})
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
