"""Who is in a room, in all processes; Redis knows.

Changes are not told one by one: what happens within a moment is one line, and somebody who comes back within
it has never left.
"""

from collections import Counter
from math import inf
from threading import Lock
from time import monotonic

from rooms import Log
from rooms.limits import HERE_SECONDS

from tcp.room import line

__all__ = ["Presence"]

#: Changes within this time are told together.
MOMENT_SECONDS = 0.2


class Presence:
    """The names in one room. `update` is the follower's thread's; any thread may use the rest."""

    def __init__(self, room: str, log: Log, holder: str) -> None:
        """``holder`` tells this process from others that hold the same names."""
        self.room, self.log, self.holder = room, log, holder
        self.names: list[str] = []  # all of them, sorted
        self.lock = Lock()  # guards what follows, and is never held for long
        self.ours: Counter[str] = Counter()  # how many connections here have which name
        self.gone: set[str] = set()  # names that we no longer hold, and have yet to say so
        self.due = inf  # when `update` is to be called
        self.asking = Lock()  # held by who speaks with Redis, so that a name is not renewed while it leaves

    def arrive(self, name: str) -> None:
        """Somebody of this name has come. To be told within a moment."""
        with self.lock:
            self.ours[name] += 1
            self.gone.discard(name)
        self.changed()

    def depart(self, name: str) -> None:
        """A connection of this name has ended. To be told within a moment."""
        with self.lock:
            self.ours[name] -= 1
            if not self.ours[name]:
                del self.ours[name]
                self.gone.add(name)
        self.changed()

    def leave(self, name: str) -> None:
        """As `depart`, and Redis knows it when this returns. Raises ``Unavailable``."""
        self.depart(name)
        with self.asking:
            self.say_gone()

    def changed(self) -> None:
        """Something changed, here or elsewhere."""
        self.due = min(self.due, monotonic() + MOMENT_SECONDS)

    def idle(self) -> bool:
        """Whether there is nobody here, and nothing to say."""
        with self.lock:
            return not (self.ours or self.gone)

    def say_gone(self) -> None:
        """Tell Redis who has gone. While ``asking``."""
        with self.lock:
            gone = sorted(self.gone)
        if gone:
            self.log.leave(self.room, gone, self.holder)
            with self.lock:
                self.gone.difference_update(gone)

    def update(self) -> list[bytes]:
        """Say who came and went here, hear who did elsewhere; return what to tell. Raises ``Unavailable``."""
        before = self.names
        self.due = monotonic() + HERE_SECONDS / 3  # at the latest; a name that is not renewed lapses
        with self.asking:
            self.say_gone()
            with self.lock:
                ours = list(self.ours)
            self.names = self.log.enter(self.room, ours, self.holder)
        told = {"joined": set(self.names).difference(before), "left": set(before).difference(self.names)}
        return [line.notice(f"{line.names(sorted(who))} {what}.") for what, who in told.items() if who]
