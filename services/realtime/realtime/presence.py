"""Who is in a room, in all processes, and telling its listeners when that changes.

Redis knows who is there (``rooms``' ``enter`` and ``leave``); a hub holds the names of those who are
connected here. Changes are not told one by one: whatever happened within a moment is one frame, so that a
thousand people who come at once are a few frames for each of them and not a thousand. Somebody who reconnects
within it has never left.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable

from rooms import AsyncLog, Unavailable
from rooms.limits import HERE_SECONDS

from realtime import frame
from realtime.frame import Frame

__all__ = ["Presence"]

#: Changes within this time are told together.
MOMENT_SECONDS = 0.2

#: What tells the holders of names apart: this process.
HOLDER = uuid.uuid4().hex


class Presence:
    """The names in one room. ``run`` keeps them true for as long as it runs; one event loop does it all."""

    def __init__(self, room: str, log: AsyncLog, tell: Callable[[Frame], None]) -> None:
        """``tell`` says something to every listener here."""
        self.room = room
        self.log = log
        self.tell = tell
        self.names: list[str] = []  # all of them, sorted
        self.ours: Counter[str] = Counter()  # how many connections here have which name
        self.gone: set[str] = set()  # names that we no longer hold, and have yet to say so
        self.changed = asyncio.Event()
        self.closed = False

    def arrive(self, name: str) -> None:
        """Somebody of this name is connected here."""
        self.ours[name] += 1
        self.gone.discard(name)
        self.changed.set()

    def depart(self, name: str) -> None:
        """A connection of this name has ended."""
        self.ours[name] -= 1
        if not self.ours[name]:
            del self.ours[name]
            self.gone.add(name)
        self.changed.set()

    async def run(self) -> None:
        """Renew our names, and tell of changes. While Redis is gone, nothing is known to have changed."""
        while not self.closed:
            try:
                await asyncio.wait_for(self.changed.wait(), HERE_SECONDS / 3)
                await asyncio.sleep(MOMENT_SECONDS)
            except TimeoutError:
                pass  # time to renew
            self.changed.clear()
            try:
                await self.update()
            except Unavailable:
                await asyncio.sleep(MOMENT_SECONDS)
                self.changed.set()

    async def update(self) -> None:
        """Say who came and went here, hear who did elsewhere, and tell the listeners both."""
        before = self.names
        if self.gone:
            gone = sorted(self.gone)
            await self.log.leave(self.room, gone, HOLDER)
            self.gone.difference_update(gone)
        self.names = await self.log.enter(self.room, list(self.ours), HOLDER)
        here = len(self.names)
        if joined := sorted(set(self.names).difference(before)):
            self.tell(frame.joined(joined, here))
        if left := sorted(set(before).difference(self.names)):
            self.tell(frame.left(left, here))

    async def clear(self) -> None:
        """Give up our names, as nobody is connected here any more."""
        if names := self.gone.union(self.ours):
            await self.log.leave(self.room, sorted(names), HOLDER)
