"""One who listens to a room: what waits for it, between a thread that hears it and one that sends it."""

from collections.abc import Callable
from threading import Lock

__all__ = ["Listener"]


class Listener:
    """Lines go in from the follower's thread, and come out in order in the driver's. It never waits.

    More than may wait are dropped and `slow` is set: one that does not read costs the others nothing.
    """

    __slots__ = ("from_now", "limit", "lines", "lock", "rewound", "seen", "slow", "taken", "wake")

    def __init__(self, wake: Callable[[], None], after: int | None, limit: int) -> None:
        self.wake = wake  # has whoever sends called soon
        #: The number of the last message that it has, or that waits for it.
        self.seen = after or 0
        #: Whether it wants only what comes from now on; then `seen` is set once it is known where now is.
        self.from_now = after is None
        self.taken = self.seen  # the number of the last message that has been sent
        self.limit = limit
        self.lock = Lock()
        self.lines: list[bytes] = []
        self.slow = False  # it did not read, and nothing more is for it
        self.rewound = False  # the room has gone back: its Redis lost messages

    def hear(self, number: int, line: bytes) -> None:
        """Take a message of the room, unless it has come already on another way."""
        with self.lock:
            if number > self.seen:
                self.seen = number
                self.put(line)

    def tell(self, line: bytes) -> None:
        """Take a line that has no place in the order."""
        with self.lock:
            self.put(line)

    def rewind(self, last: int, line: bytes) -> None:
        """The room ends at ``last`` now, whatever was heard before."""
        with self.lock:
            self.seen, self.rewound = last, True
            self.put(line)

    def put(self, line: bytes) -> None:
        """Let a line wait. With the lock."""
        if self.slow:
            return
        if len(self.lines) >= self.limit:
            self.lines.clear()
            self.slow = True
        else:
            self.lines.append(line)
            if len(self.lines) > 1:  # it was called before, and has not come yet
                return
        self.wake()

    def take(self) -> list[bytes]:
        """All that waits."""
        with self.lock:
            lines, self.lines = self.lines, []
            if not self.slow:
                self.taken = self.seen
        return lines
