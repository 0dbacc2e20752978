"""Threads for the blocking calls of protocols whose driver must not block."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

__all__ = ["Pool"]

Job = Callable[[], None]


class Pool:
    """A fixed number of threads that take jobs in order. A job reports its own end; it must not raise.

    The threads are daemons: one that never comes back can't keep the process from ending.
    """

    def __init__(self, threads: int) -> None:
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.threads = [Thread(target=self.run, name=f"work-{n}", daemon=True) for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def put(self, job: Job) -> None:
        """Have it run as soon as a thread is free."""
        self.jobs.put(job)

    def run(self) -> None:
        """One thread's life."""
        while (job := self.jobs.get()) is not None:
            job()

    def close(self) -> None:
        """Let every thread end after what is queued. Does not wait for them."""
        for _ in self.threads:
            self.jobs.put(None)
