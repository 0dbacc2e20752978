"""The rooms that this process follows.

Who opens and who closes: a room's first listener opens its hub, with a task that brings it the wake-ups and
one that keeps presence; the last one closes it. One more task, the beat, compares all hubs with their logs;
it finds a lost wake-up that no later one shows. ``stop`` ends all listeners and ``aclose`` all tasks.
Everything runs in one event loop.
"""

import asyncio
import itertools
import logging
from contextlib import suppress
from typing import Protocol

from redis.exceptions import RedisError
from rooms import AsyncLog, Backoff, RoomError, Unavailable
from rooms.keys import room_group

from realtime.hub import Hub, Wake
from realtime.limits import BEHIND_MESSAGES, FOLLOWED_ROOMS
from realtime.listener import Listener, Stopping
from realtime.presence import HOLDER
from realtime.seat import Seat

__all__ = ["Hubs", "TooManyRooms"]

logger = logging.getLogger("realtime")

#: Between two looks at where the logs end: how late a message comes whose wake-up was lost.
BEAT_SECONDS = 1.0

#: Wake-ups after which everybody else gets a turn. Many may be here at once, and whoever reads would seem too
#: slow if none of its frames could go before the last of them is there.
BURST_MESSAGES = BEHIND_MESSAGES // 4


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
        self.stopped = False
        self.closed = False
        self.hubs: dict[str, Hub] = {}
        self.listeners: set[Listener] = set()
        self.tasks: dict[Hub, asyncio.Task[None]] = {}
        self.closing: set[asyncio.Task[None]] = set()
        # The layer loses a member that joins a group while the last other one leaves it; one at a time it
        # does not.
        self.membership = asyncio.Lock()
        self.beating = asyncio.create_task(self.beat(), name="the hubs' beat")

    def stop(self) -> None:
        """End every listener, and who comes later at once: connections that would last for ever end."""
        self.stopped = True
        for listener in self.listeners:
            listener.end(Stopping())

    async def aclose(self) -> None:
        """End every task. To be called when no connection is left."""
        self.closed = True
        self.beating.cancel()
        for hub in list(self.hubs.values()):
            self.close(hub)
        await asyncio.gather(self.beating, *self.closing, return_exceptions=True)

    def listening(self, room: str, after: int | None, name: str | None = None) -> Seat:
        """A listener, for a ``with``, that gets what follows ``after`` (or follows now), exactly once and in
        order.

        With a name, somebody of that name is in the room meanwhile. Raises ``TooManyRooms``.
        """
        return Seat(self, self.hubs.get(room) or self.opening(room), after, name)

    def opening(self, room: str) -> Hub:
        """A hub for a room that has none. Whoever asks takes a seat at once, or it stays open without one."""
        self.require_space(room)
        hub = self.hubs[room] = Hub(room, self.log)
        self.tasks[hub] = asyncio.create_task(self.follow(hub), name=f"hub {room}")
        return hub

    def require_space(self, room: str) -> None:
        """Raise ``TooManyRooms`` if this room would be one too many."""
        if room not in self.hubs and len(self.hubs) >= self.most:
            raise TooManyRooms(f"This server follows {self.most:,} rooms already; join one of them, or wait.")

    def close(self, hub: Hub) -> None:
        """Let a hub end by itself. While it opens it is not disturbed, and sees afterwards that it is closed.

        Every task here looks at such a flag as well as being cancelled: before Python 3.12
        ``asyncio.wait_for``, which Redis' client uses, forgets a cancellation that comes in the same moment
        as what it waits for.
        """
        del self.hubs[hub.room]
        task = self.tasks.pop(hub)
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)
        hub.close()
        if hub.opened.done():
            task.cancel()

    async def follow(self, hub: Hub) -> None:
        """Open the hub, and then bring it wake-ups until it is closed."""
        channel = await self.open(hub)
        if channel is None:
            return
        presence = asyncio.create_task(hub.presence.run(), name=f"presence in {hub.room}")
        held = (
            True  # whether the layer holds the channel for us; it lets go of it where `receive` is cancelled
        )
        try:
            for count in itertools.count(1):
                if hub.closed:
                    break
                held = False
                wake = await self.layer.receive(channel)
                held = True
                if count % BURST_MESSAGES == 0:
                    await asyncio.sleep(0)
                if not hub.wake(wake):
                    with suppress(Unavailable):  # the beat tries again
                        await hub.read()
        finally:
            presence.cancel()
            with suppress(Unavailable, RedisError):  # then Redis has dropped what is left
                await self.leave(hub, channel)
                if held:
                    await self.forget(channel)

    async def open(self, hub: Hub) -> str | None:
        """Become a member and then read the log's end, so that nothing falls between.

        Returns the channel, or None if the hub was closed before Redis answered.
        """
        backoff = Backoff()
        channel = None
        while not hub.closed:
            with suppress(Unavailable, RedisError):
                await self.log.ping()
                channel = channel or await self.layer.new_channel()
                async with self.membership:
                    await self.layer.group_add(room_group(hub.room), channel)
                hub.presence.names = await self.log.enter(hub.room, [], HOLDER)
                hub.last = await self.log.end(hub.room)
                hub.opened.set_result(hub.last)
                return channel
            await asyncio.sleep(backoff.delay())
        if channel is not None:
            with suppress(Unavailable, RedisError):
                await self.leave(hub, channel)
            await self.forget(channel)
        return None

    async def leave(self, hub: Hub, channel: str) -> None:
        """End the membership, and take our names with us."""
        async with self.membership:
            await self.layer.group_discard(room_group(hub.room), channel)
        await hub.presence.clear()

    async def forget(self, channel: str) -> None:
        """Let the layer let go of a channel. It does when its receiver is cancelled, and has no other way.

        One who finds a message there still does not wait, and is not cancelled.
        """
        while True:
            receiving = asyncio.ensure_future(self.layer.receive(channel))
            await asyncio.sleep(0)  # it has begun
            receiving.cancel()
            await asyncio.wait({receiving})
            if receiving.cancelled():
                return

    async def beat(self) -> None:
        """Compare every hub with its log about once a second."""
        while not self.closed:
            await asyncio.sleep(BEAT_SECONDS)
            hubs = [hub for hub in self.hubs.values() if hub.opened.done()]
            with suppress(Unavailable):  # the next beat tries again
                ends = await self.log.ends([hub.room for hub in hubs])
                for hub, end in zip(hubs, ends, strict=True):
                    if hub.last != end:
                        await hub.read()
