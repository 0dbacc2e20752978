"""A parent and its workers: each a fork with a job; one that dies is replaced.

The parent holds no connection and does no work, so that nothing a peer does can hurt it. It keeps every
listener open: what queues at a dead worker's door waits there for its replacement.
"""

import ctypes
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from serving.bell import Bell
from serving.log import Log

__all__ = ["STOP", "Job", "Supervisor", "on_stop"]

FIRST_DELAY, LAST_DELAY = (
    0.1,
    5.0,
)  # seconds between a death and the replacement, doubled from one to the next
HURRY = 3.0  # seconds that workers have once we have been told twice to stop
HEALTHY = 5.0  # seconds after which a death is no sign that the next one will come at once

STOP = (signal.SIGTERM, signal.SIGINT)

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def on_stop(act: Callable[[], None]) -> None:
    """What this process does when it is told to stop, from now on."""
    for number in STOP:
        signal.signal(number, lambda *_: act())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)


@dataclass(slots=True)
class Job:
    """What one worker does, and how it fares."""

    name: str
    work: Callable[[], None]
    pid: int = 0  # 0: it is not running
    since: float = 0.0
    delay: float = FIRST_DELAY
    due: float = 0.0  # when it is to be started


class Supervisor:
    """Runs jobs, each in a process of its own, until it is told to stop. One thread only."""

    def __init__(self, jobs: list[Job], log: Log, *, patience: float, report: Callable[[], None]) -> None:
        self.jobs, self.log, self.report = jobs, log, report
        self.patience = patience  # seconds that workers have for stopping before they are killed
        self.bell = Bell()
        self.stopping = 0.0
        for number in (*STOP, signal.SIGCHLD, signal.SIGUSR1):
            signal.signal(number, lambda *_: None)  # the bell says which
        signal.set_wakeup_fd(self.bell.rope)

    def run(self, stopped: Callable[[], None]) -> None:
        """Supervise; ``stopped`` is called at once when we are told to stop, to close the doors."""
        while self.running() or not self.stopping:
            self.start()
            numbers = self.wait()
            if signal.SIGUSR1 in numbers:
                self.report()
            if set(STOP) & set(numbers):
                if self.stopping:  # told so once more
                    self.patience = min(self.patience, time.monotonic() - self.stopping + HURRY)
                else:
                    self.stopping = time.monotonic()
                    stopped()
                self.signal(signal.SIGTERM)
            self.reap()
            if self.stopping and time.monotonic() - self.stopping > self.patience:
                self.signal(signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        self.bell.close()

    def running(self) -> list[Job]:
        """The jobs that have a process now."""
        return [job for job in self.jobs if job.pid]

    def signal(self, number: int) -> None:
        """Send every worker a signal."""
        for job in self.running():
            os.kill(job.pid, number)

    def wait(self) -> bytes:
        """Wait for a signal, or until something is due. Returns the signals' numbers."""
        now = time.monotonic()
        due = [job.due - now for job in self.jobs if not job.pid and not self.stopping]
        if self.stopping:
            due.append(self.stopping + self.patience - now)
        select.select([self.bell], [], [], max(0.0, min(due)) if due else None)
        return self.bell.hush()

    def start(self) -> None:
        """Start what is due."""
        now = time.monotonic()
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # a worker lets them through when it knows what to do
        for job in self.jobs:
            if not job.pid and not self.stopping and job.due <= now:
                job.since = now
                job.pid = os.fork()
                if job.pid == 0:
                    self.live(job, parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)

    def live(self, job: Job, parent: int) -> NoReturn:
        """A worker's life. It never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            self.bell.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            die_with(parent)
            job.work()
            status = 0
        except BaseException:  # noqa: BLE001 - whatever it is, it ends here
            self.log("crashed", worker=job.name, traceback=traceback.format_exc())
        finally:
            os._exit(status)

    def reap(self) -> None:
        """Note who has died, and when to replace them."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                for job in self.jobs:
                    if job.pid == ended[0]:
                        self.bury(job, os.waitstatus_to_exitcode(ended[1]))

    def bury(self, job: Job, status: int) -> None:
        """A worker has ended."""
        now = time.monotonic()
        if not self.stopping:
            job.delay = FIRST_DELAY if now - job.since > HEALTHY else min(job.delay * 2, LAST_DELAY)
            job.due = now + job.delay
            how = {"signal": signal_name(-status)} if status < 0 else {"status": status}
            self.log("died", worker=job.name, pid=job.pid, **how, replaced_in=round(job.delay, 1))
        job.pid = 0


def signal_name(number: int) -> str:
    """A signal as people call it; most of the real-time ones have only a number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def die_with(parent: int) -> None:
    """Have the kernel stop this process when its parent has gone, even if that was killed. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it went while we asked
            os._exit(1)
