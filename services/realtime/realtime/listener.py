"""One who listens to a room: how far it has come, and the frames that wait for it, which are never many."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from realtime.frame import Frame
from realtime.limits import BEHIND_MESSAGES

__all__ = ["Listener", "TooSlow"]


class TooSlow(Exception):  # noqa: N818 (it is what the listener is)
    """The listener did not read, and more waited for it than may."""


class Listener:
    """Frames go in from the hub and from the connection itself, and come out in order, to one reader.

    Everything here runs in the event loop's thread and ``put`` never waits, so one listener that does not
    read costs the others nothing.
    """

    __slots__ = ("_ended", "_failure", "_frames", "_limit", "_reader", "_writer", "from_now", "seen")

    def __init__(self, after: int | None, limit: int = BEHIND_MESSAGES) -> None:
        #: The number of the last message that it has, or that waits for it.
        self.seen = after or 0
        #: Whether it wants only what comes from now on; then `seen` is set once it is known where now is.
        self.from_now = after is None
        self._limit = limit
        self._frames: deque[Frame] = deque()
        self._ended = False
        self._failure: BaseException | None = None
        self._reader: asyncio.Future[None] | None = None  # waits for a frame
        self._writer: asyncio.Future[None] | None = None  # waits for space

    def hear(self, frame: Frame) -> None:
        """Take a message of the room, unless it has come already on another way."""
        if frame.number > self.seen:
            self.seen = frame.number
            self.put(frame)

    def put(self, frame: Frame) -> None:
        """Let a frame wait for the reader."""
        if len(self._frames) >= self._limit:
            self.end(TooSlow())
        elif not self._ended:
            self._frames.append(frame)
            wake(self._reader)

    def end(self, failure: BaseException | None = None) -> None:
        """Nothing more is to come, and what waits is dropped; with a failure, the reader gets that."""
        self._ended = True
        self._failure = self._failure or failure
        self._frames.clear()
        wake(self._reader)

    async def space(self) -> None:
        """Wait until at most half as many frames wait as may, so that live ones find space."""
        while len(self._frames) > self._limit // 2:
            self._writer = asyncio.get_running_loop().create_future()
            await self._writer

    async def frames(self) -> AsyncIterator[Frame]:
        """What waits, and then whatever comes, until the end."""
        frames = self._frames
        while not self._ended:
            while frames:
                yield frames.popleft()
            wake(self._writer)
            if not self._ended:
                self._reader = asyncio.get_running_loop().create_future()
                await self._reader
        if self._failure is not None:
            raise self._failure


def wake(waiter: asyncio.Future[None] | None) -> None:
    """Let whoever waits go on, once."""
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
