"""The rooms that this process follows.

Who opens and who closes: a room's first listener opens its hub, with a task that brings it the wake-ups, and
the last one closes it. One more task, the beat, compares all hubs with their logs; it finds a lost wake-up
that no later one shows. ``aclose`` ends them all. Everything runs in one event loop.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Protocol

from redis.exceptions import RedisError
from rooms import AfterInFuture, AsyncLog, Backoff, RoomError, Unavailable
from rooms.keys import room_group

from realtime import frame
from realtime.hub import Hub, Wake
from realtime.limits import FOLLOWED_ROOMS
from realtime.listener import Listener

__all__ = ["Hubs", "TooManyRooms"]

#: Between two looks at where the logs end: how late a message comes whose wake-up was lost.
BEAT_SECONDS = 1.0

#: How long a new listener waits in silence for Redis before it is told that it waits.
OPEN_SECONDS = 0.5


class TooManyRooms(RoomError):  # noqa: N818 (as the other errors of rooms)
    """This process follows as many rooms as it may."""

    status = 503
    code = "too_many_rooms"


class Layer(Protocol):
    """What is used of Channels' layer."""

    async def new_channel(self) -> str:
        """Return the name of a channel that only this process receives on."""

    async def group_add(self, group: str, channel: str) -> None:
        """Let the channel get what the group is sent."""

    async def group_discard(self, group: str, channel: str) -> None:
        """End that."""

    async def receive(self, channel: str) -> Wake:
        """Wait for the channel's next message."""


class Hubs:
    """Each followed room's hub, by name."""

    def __init__(self, log: AsyncLog, layer: Layer, most: int = FOLLOWED_ROOMS) -> None:
        """``most``: how many rooms at once; a listener of one more gets ``TooManyRooms``."""
        self.log = log
        self.layer = layer
        self.most = most
        self.hubs: dict[str, Hub] = {}
        self.tasks: dict[Hub, asyncio.Task[None]] = {}
        # The layer loses a member that joins a group while the last other one leaves it; one at a time it
        # does not.
        self.membership = asyncio.Lock()
        self.beating = asyncio.create_task(self.beat(), name="the hubs' beat")

    async def aclose(self) -> None:
        """End every task. To be called when no connection is left."""
        tasks = [self.beating, *self.tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def listening(self, room: str, after: int | None) -> AsyncIterator[Listener]:
        """A listener that gets what follows ``after``, exactly once and in order, or what follows now."""
        listener = Listener(after)
        with self.followed(room) as hub:
            task = asyncio.create_task(self.catch_up(hub, listener))
            task.add_done_callback(partial(end_with, listener))
            try:
                yield listener
            finally:
                task.cancel()
                hub.live.discard(listener)

    @contextmanager
    def followed(self, room: str) -> Iterator[Hub]:
        """The hub of a room, for as long as somebody uses it."""
        hub = self.hubs.get(room)
        if hub is None:
            if len(self.hubs) >= self.most:
                raise TooManyRooms(
                    f"This server follows {self.most:,} rooms already; join one of them, or wait."
                )
            hub = self.hubs[room] = Hub(room, self.log)
            self.tasks[hub] = asyncio.create_task(self.follow(hub), name=f"hub {room}")
        hub.users += 1
        try:
            yield hub
        finally:
            hub.users -= 1
            if not hub.users:
                del self.hubs[room]
                self.tasks.pop(hub).cancel()

    async def follow(self, hub: Hub) -> None:
        """Open the hub, and then bring it wake-ups for ever."""
        group, channel = room_group(hub.room), await self.open(hub)
        try:
            while True:
                if not hub.wake(await self.layer.receive(channel)):
                    with suppress(Unavailable):  # the beat tries again
                        await hub.read()
        finally:
            with suppress(RedisError):  # then Redis has dropped the membership itself
                async with self.membership:
                    await self.layer.group_discard(group, channel)

    async def open(self, hub: Hub) -> str:
        """Become a member and then read the log's end, so that nothing falls between. Returns the channel."""
        backoff = Backoff()
        while True:
            with suppress(Unavailable, RedisError):
                await self.log.ping()
                async with self.membership:
                    channel: str = await self.layer.new_channel()
                    await self.layer.group_add(room_group(hub.room), channel)
                hub.last = await self.log.end(hub.room)
                hub.opened.set_result(None)
                return channel
            await asyncio.sleep(backoff.delay())

    async def catch_up(self, hub: Hub, listener: Listener) -> None:
        """Bring a listener to where its hub is, from the log, at its own pace; then it is live."""
        await asyncio.wait({hub.opened}, timeout=OPEN_SECONDS)
        if not hub.opened.done():
            listener.put(
                frame.error(Unavailable("The rooms' Redis does not answer; you are in when it does."))
            )
            await asyncio.wait({hub.opened})
        listener.put(frame.welcome(hub.room, hub.last))
        if listener.from_now:
            listener.seen = hub.last
        backoff = Backoff()
        # Between the last look at `hub.last` and the joining nothing waits, so nothing falls between them.
        while listener.seen != hub.last and await self.bring_page(hub, listener, backoff):
            pass
        hub.live.add(listener)

    async def bring_page(self, hub: Hub, listener: Listener, backoff: Backoff) -> bool:
        """Bring a page from the log. False: there was none, as the listener has everything."""
        try:
            page = await self.log.history(hub.room, listener.seen)
        except Unavailable as error:
            if backoff.fresh:
                listener.put(frame.error(error))
            await asyncio.sleep(backoff.delay())
            return True
        except AfterInFuture as error:
            listener.put(frame.error(error))
            listener.seen = error.last
            return True
        backoff.reset()
        if page.missed:
            listener.put(frame.missed(listener.seen + 1, page.oldest - 1))
        for message in page.messages:
            await listener.space()
            listener.hear(frame.message(message))
        return bool(page.messages)

    async def beat(self) -> None:
        """Compare every hub with its log about once a second."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            hubs = [hub for hub in self.hubs.values() if hub.opened.done()]
            with suppress(Unavailable):  # the next beat tries again
                ends = await self.log.ends([hub.room for hub in hubs])
                for hub, end in zip(hubs, ends, strict=True):
                    if hub.last != end:
                        await hub.read()


def end_with(listener: Listener, task: asyncio.Task[None]) -> None:
    """A mistake of ours ended catching up, which should never be. It ends the connection too."""
    if not task.cancelled() and (failure := task.exception()):
        listener.end(failure)
