"""Two ways for a handler to take 5 ms: to wait for somebody else, and to compute."""

import time
from collections import deque
from threading import Condition, Thread
from typing import Final

from serving.protocol import Peer

__all__ = ["SECONDS", "Clock", "compute"]

SECONDS: Final = 0.005


def compute(seconds: float = SECONDS) -> None:
    """Use that much processor time, this thread's own: what others take meanwhile is not counted."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


class Clock:
    """One thread that wakes every peer of a process after the same time: who comes first is due first.

    It stands for a database that answers later. Any thread may call `wake_later`. Its own is a daemon, made
    at the first call, which is after the process has been forked.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.due: deque[tuple[float, Peer]] = deque()
        self.changed = Condition()
        self.thread: Thread | None = None

    def wake_later(self, peer: Peer) -> None:
        """Have ``peer.wake()`` called when the time is over."""
        with self.changed:
            self.due.append((time.monotonic() + self.seconds, peer))
            if self.thread is None:
                self.thread = Thread(target=self.run, name="clock", daemon=True)
                self.thread.start()
            elif len(self.due) == 1:
                self.changed.notify()

    def run(self) -> None:
        """The thread's life."""
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.due)
                when, peer = self.due.popleft()
            early = when - time.monotonic()
            if early > 0:
                time.sleep(early)
            peer.wake()
