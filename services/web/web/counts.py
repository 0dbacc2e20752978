"""What the site has done, counted where every process of it can read it.

Gunicorn serves in several processes, and any of them may be asked. The counters lie in memory that forked
processes share: a row for each worker, which alone writes it. So no worker waits for another, none bothers
Redis with every request, and the sum of the rows is the site's.
"""

import mmap
import threading

__all__ = ["Counts", "counts"]

#: Rows. Gunicorn numbers its workers from 1, and counts on when it replaces one: a number comes round again
#: only after so many.
ROOM = 1024

REQUESTS, OPEN = 0, 1


class Counts:
    """The rows, and this process's own. Made before Gunicorn forks; `enter` is called after."""

    def __init__(self) -> None:
        self.words = memoryview(mmap.mmap(-1, ROOM * 2 * 8)).cast("Q")
        self.row: int | None = None
        self.lock = threading.Lock()  # between the threads of one worker

    def enter(self, number: int) -> None:
        """Take a row. The requests of whoever had it before still count."""
        self.row = number % ROOM
        self.words[2 * self.row + OPEN] = 0

    def forget(self, number: int) -> None:
        """A worker has ended, and its connections with it."""
        self.words[2 * (number % ROOM) + OPEN] = 0

    def request(self) -> None:
        """Count one more request of this process."""
        if self.row is not None:
            with self.lock:
                self.words[2 * self.row + REQUESTS] += 1

    @property
    def here(self) -> int:
        """Connections that this process holds."""
        return 0 if self.row is None else self.words[2 * self.row + OPEN]

    @here.setter
    def here(self, connections: int) -> None:
        if self.row is not None:
            self.words[2 * self.row + OPEN] = connections

    def totals(self) -> dict[str, int]:
        """Requests so far and connections now, of all processes; nothing where the server does not count."""
        if self.row is None:
            return {}
        return {"requests": sum(self.words[REQUESTS::2]), "connections": sum(self.words[OPEN::2])}


#: The site's.
counts = Counts()
