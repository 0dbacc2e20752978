"""A listener's place in a room: taken with ``with``, and given back however that ends."""

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING

from realtime.catching_up import catch_up
from realtime.hub import Hub
from realtime.listener import Listener, Stopping

if TYPE_CHECKING:
    from realtime.hubs import Hubs

__all__ = ["Seat"]


class Seat:
    """Holds on to the room's hub, catches up, and is somebody of a name if it has one.

    There may be thousands, most of them idle, so this is one small object and not a stack of context
    managers.
    """

    __slots__ = ("catching_up", "hub", "hubs", "listener", "name")

    def __init__(self, hubs: "Hubs", hub: Hub, after: int | None, name: str | None) -> None:
        self.hubs = hubs
        self.hub = hub
        self.name = name
        # Who begins now begins where the room is now, and not where it will be when its turn comes: whatever
        # it posts itself, it hears.
        began = hub.last if after is None and hub.opened.done() else after
        self.listener = Listener(began, hub.opened)

    def __enter__(self) -> Listener:
        self.hub.users += 1
        self.hubs.listeners.add(self.listener)
        if self.name is not None:
            self.hub.presence.arrive(self.name)
        self.catching_up = asyncio.create_task(catch_up(self.hub, self.listener))
        self.listener.depend_on(self.catching_up)
        if self.hubs.stopped:  # its request was on its way when all others were told
            self.listener.end(Stopping())
        return self.listener

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listener.end()
        self.catching_up.cancel()
        self.hub.live.discard(self.listener)
        self.hubs.listeners.discard(self.listener)
        if self.name is not None:
            self.hub.presence.depart(self.name)
        self.hub.users -= 1
        if not self.hub.users:
            self.hubs.close(self.hub)
