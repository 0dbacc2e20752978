"""One who listens to a room: how far it has come, and the frames that wait for it, which are never many."""

import asyncio
from collections.abc import AsyncIterator, Callable

from realtime.counters import counters
from realtime.frame import Frame
from realtime.limits import BEHIND_MESSAGES

__all__ = ["Listener", "Stopping", "TooSlow"]

#: How long a new listener waits in silence for Redis before it is told that it waits.
OPEN_SECONDS = 0.5


class TooSlow(Exception):  # noqa: N818 (it is what the listener is)
    """The listener did not read, and more waited for it than may."""


class Stopping(Exception):  # noqa: N818 (it is what we are doing)
    """This process ends; the listener is to come back to another one."""


class Listener:
    """Frames go in from the hub and from the connection itself, and come out in order, to one reader.

    Everything here runs in the event loop's thread and ``put`` never waits, so one listener that does not
    read costs the others nothing. Where the connection takes a frame at once, none waits: it goes to
    ``write``, and no task has to be woken for it.
    """

    __slots__ = (
        *("_failure", "_frames", "_limit", "_reader", "_writer"),
        *("ended", "from_now", "opened", "seen", "write"),
    )

    def __init__(self, after: int | None, opened: asyncio.Future[int], limit: int = BEHIND_MESSAGES) -> None:
        """``opened``: done when its hub knows where the room is."""
        self.opened = opened
        #: Sends an encoded frame now, or returns False if it can't.
        self.write: Callable[[bytes], bool] = never
        #: The number of the last message that it has, or that waits for it.
        self.seen = after or 0
        #: Whether it wants only what comes from now on; then `seen` is set once it is known where now is.
        self.from_now = after is None
        self._limit = limit
        # A list: it is short and nearly always empty, and an empty deque takes ten times as much memory.
        self._frames: list[Frame] = []
        self.ended = False  #: whether nothing more is to come
        self._failure: BaseException | None = None
        self._reader: asyncio.Future[None] | None = None  # waits for a frame
        self._writer: asyncio.Future[None] | None = None  # waits for space

    async def is_in(self) -> bool:
        """Wait until its hub has opened; False when that takes long."""
        if not self.opened.done():
            await asyncio.wait({self.opened}, timeout=OPEN_SECONDS)
        return self.opened.done()

    def hear(self, frame: Frame) -> None:
        """Take a message of the room, unless it has come already on another way."""
        if frame.number > self.seen:
            self.seen = frame.number
            self.put(frame)

    def put(self, frame: Frame) -> None:
        """Send a frame, or let it wait for the reader. More than may wait end it; what waits is dropped."""
        if self.ended or (not self._frames and self.write(frame.encoded)):
            return
        if len(self._frames) >= self._limit:
            counters.slow += 1
            self._frames.clear()
            self.end(TooSlow())
            return
        self._frames.append(frame)
        wake(self._reader)

    def end(self, failure: BaseException | None = None) -> None:
        """Nothing more is to come; the reader gets what waits, and then the failure if there is one."""
        if not self.ended:
            self.ended = True
            self._failure = failure
            wake(self._reader)
            wake(self._writer)

    def depend_on(self, task: asyncio.Task[None]) -> None:
        """End with the failure of a task, if it fails."""

        def done(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (failure := task.exception()):
                self.end(failure)

        task.add_done_callback(done)

    async def space(self) -> None:
        """Wait until at most half as many frames wait as may, so that live ones find space."""
        while len(self._frames) > self._limit // 2:
            self._writer = asyncio.get_running_loop().create_future()
            await self._writer

    async def ready(self) -> bool:
        """Wait until a frame waits. False at the end; or what ended it is raised."""
        while not self._frames:
            wake(self._writer)
            if self._failure is not None:
                raise self._failure
            if self.ended:
                return False
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return True

    async def frames(self) -> AsyncIterator[Frame]:
        """What waits, and then whatever comes, until the end.

        A frame waits until the reader comes back for the next one: nothing that comes meanwhile overtakes it.
        """
        frames = self._frames
        while await self.ready():
            while frames:
                yield frames[0]
                del frames[:1]

    def waiting(self) -> list[Frame]:
        """All that waits now."""
        frames = self._frames.copy()
        self._frames.clear()
        return frames


def never(_: bytes) -> bool:
    """There is no way around the reader."""
    return False


def wake(waiter: asyncio.Future[None] | None) -> None:
    """Let whoever waits go on, once."""
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
