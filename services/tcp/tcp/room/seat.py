"""A connection's place in a room. What waits for Redis is called in its protocol's ``work``."""

from collections.abc import Callable
from contextlib import suppress

from rooms import AfterInFuture, Unavailable

from tcp.room import line
from tcp.room.hubs import Hubs
from tcp.room.line import Join
from tcp.room.listener import Listener

__all__ = ["Seat"]


class Seat:
    """Somebody in a room: their listener, and their name. Used by one thread at a time."""

    __slots__ = ("hub", "hubs", "left", "listener", "live", "name", "room", "welcomed")

    def __init__(self, hubs: Hubs, join: Join, wake: Callable[[], None]) -> None:
        """Waits. Raises ``RoomError`` if there is no room for it."""
        self.hubs, self.room, self.name = hubs, join.room, join.name
        self.listener = Listener(wake, join.after, hubs.settings.behind)
        self.hub = hubs.join(self.room, self.listener)
        self.welcomed = False
        self.live = False  # it has everything, and hears what comes
        self.left = False

    def welcome(self) -> bytes:
        """The first line, as soon as the room is open."""
        self.welcomed = True
        self.hub.begin(self.listener)
        others = line.names(name for name in self.hub.presence.names if name != self.name)
        here = f" {others} {'are' if ',' in others else 'is'} here." if others else ""
        return line.notice(f"{self.name}, you are in {self.room}; its last message is {self.hub.last}.{here}")

    def come_back(self) -> str:
        """What to say to go on from here."""
        return line.come_back(self.room, self.name, None if self.listener.from_now else self.listener.taken)

    def catch_up(self) -> None:
        """Hear a page of what was missed, or be live. Waits. Raises ``Unavailable``."""
        listener = self.listener
        try:
            page = self.hub.log.history(self.room, listener.seen)
        except AfterInFuture as error:
            listener.rewind(error.last, line.error(error))
            return
        if page.missed:
            listener.tell(line.missed(listener.seen + 1, page.oldest - 1))
        for message in page.messages:
            listener.hear(message.number, line.message(message))
        if not page.messages and self.hub.admit(listener):
            self.live = True
            self.hub.presence.arrive(self.name)
            self.hubs.ring()

    def post(self, text: str) -> int:
        """Say something; returns its number. Waits. Raises ``RoomError``."""
        return self.hub.log.post(self.room, self.name, text).number

    def leave(self) -> None:
        """Go, and have the others know it at once, if Redis does. Waits."""
        self.left = True
        self.hub.leave(self.listener)
        if self.live:
            with suppress(Unavailable):  # then they know later
                self.hub.presence.leave(self.name)

    def give_up(self) -> None:
        """The connection is gone. Does not wait: the others will know in a moment."""
        if not self.left:
            self.left = True
            self.hub.leave(self.listener)
            if self.live:
                self.hub.presence.depart(self.name)
