"""The rooms that this process follows.

Who opens and who closes: the first listener of a room opens its hub, and the first of all starts the thread
that hears from Redis; that thread closes the hub some time after the last listener has gone, and ends with
the process. Any thread may use everything here.
"""

import uuid
from contextlib import suppress
from threading import Lock, Thread

from redis.exceptions import RedisError
from rooms import Log, RoomError

from tcp.room.follower import Follower
from tcp.room.hub import Hub
from tcp.room.listener import Listener
from tcp.room.settings import Settings

__all__ = ["Hubs", "TooManyRoomsError"]


class TooManyRoomsError(RoomError):
    """This process follows as many rooms as it may."""


class Hubs:
    """Each followed room's hub, by name. Made before the process forks, if it does; used after that."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.log = Log(
            settings.redis_url, remembered=settings.remembered, password_file=settings.password_file
        )
        self.lock = Lock()  # guards what follows; a hub's own lock may be taken under it
        self.hubs: dict[str, Hub] = {}
        self.follower: Follower | None = None

    @property
    def lost(self) -> bool:
        """Whether Redis is gone, as far as we know."""
        return self.follower is not None and self.follower.lost

    def join(self, room: str, listener: Listener) -> Hub:
        """A room's hub, for a listener. Waits, though not for a Redis that is gone; `TooManyRoomsError`."""
        with self.lock:
            follower = self.follower = self.follower or self.start()
            hub = self.hubs.get(room) or self.open(room, follower.holder)
            hub.enter(listener)
        if not hub.opened:
            self.ring()
        return hub

    def ring(self) -> None:
        """Have the follower look if there is something to do, as it does by itself once a second. Waits."""
        if self.follower and not self.follower.lost:
            with suppress(RedisError, OSError):
                self.log.redis.publish(self.follower.bell, "")

    def open(self, room: str, holder: str) -> Hub:
        """A hub for a room that has none. With the lock."""
        if len(self.hubs) >= self.settings.rooms:
            raise TooManyRoomsError(
                f"This server follows {self.settings.rooms:,} rooms already; join one of them, or wait."
            )
        hub = self.hubs[room] = Hub(room, self.log, holder)
        return hub

    def start(self) -> Follower:
        """The thread that hears from Redis. With the lock."""
        follower = Follower(self, uuid.uuid4().hex)
        Thread(target=follower.run, name="rooms", daemon=True).start()
        return follower

    def followed(self) -> list[Hub]:
        """All hubs, as of now."""
        with self.lock:
            return list(self.hubs.values())

    def close_empty(self) -> list[Hub]:
        """Forget the hubs that nobody is in any more, and return them."""
        with self.lock:
            empty = [hub for hub in self.hubs.values() if not hub.everyone and hub.presence.idle()]
            for hub in empty:
                del self.hubs[hub.room]
        return empty
