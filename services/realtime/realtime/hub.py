"""One room as one process follows it.

A hub is one membership in the channel layer. It reads each message once, encodes it once and hands the same
frame to every listener here. The layer's wake-ups carry messages, but the log is the truth: a hub delivers
number N + 1 after N and nothing else, and reads the log where a wake-up was lost.

All of it runs in one event loop; only ``read`` waits.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, TypedDict

from rooms import AfterInFuture, AsyncLog, Message

from realtime import frame
from realtime.counters import counters
from realtime.frame import Frame

if TYPE_CHECKING:
    from realtime.listener import Listener
from realtime.presence import Presence

__all__ = ["Hub", "Wake"]

logger = logging.getLogger("realtime")


class Wake(TypedDict):
    """What ``rooms/post.lua`` publishes: the message as it is stored. ``here.lua`` publishes only a type."""

    type: str
    number: int
    author: str
    text: str
    time: int


class Hub:
    """A room, its listeners in this process, and the number up to which they have heard it."""

    def __init__(self, room: str, log: AsyncLog) -> None:
        self.room = room
        self.log = log
        self.last = 0
        self.closed = False
        self.users = 0  # connections that hold on to this hub
        self.presence = Presence(room, log, self.tell)
        self.live: set[Listener] = set()  # listeners that have everything up to `last`, or more
        self.reading = asyncio.Lock()
        #: Done when the hub is a member of its group and knows where the log ends: at this number.
        self.opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def close(self) -> None:
        """Nobody listens here any more."""
        self.closed = True
        self.presence.closed = True

    def wake(self, wake: Wake) -> bool:
        """Take a wake-up. False: there are messages before it, which have to be read from the log."""
        if wake["type"] == "room.presence":
            self.presence.changed.set()
            return True
        number = wake["number"]
        if number == self.last + 1:
            self.deliver(Message.stored(number, wake["author"], wake["text"], wake["time"]))
        return number <= self.last

    def deliver(self, message: Message) -> None:
        """Hand the next message to everyone."""
        self.last = message.number
        encoded = frame.message(message)
        for listener in self.live:
            listener.hear(encoded)
        counters.delivered += len(self.live)

    async def read(self) -> None:
        """Deliver what the log has beyond us. Wake-ups go on meanwhile; whoever is first delivers."""
        async with self.reading:
            while True:
                before = self.last
                try:
                    page = await self.log.history(self.room, before)
                except AfterInFuture as error:
                    self.rewind(error)
                    return
                if page.missed and self.last == before:
                    self.skip(page.oldest)
                for message in page.messages:
                    if message.number == self.last + 1:
                        self.deliver(message)
                if self.last >= page.last:
                    return

    def skip(self, oldest: int) -> None:
        """We were away for longer than the room remembers: tell everyone, and go on with what it does."""
        self.tell(frame.missed(self.last + 1, oldest - 1))
        self.last = oldest - 1

    def rewind(self, error: AfterInFuture) -> None:
        """Redis came back with less than it had: tell everyone, and go on from where it ends."""
        logger.warning("room %s: the log ends at %d, and %d had been read", self.room, error.last, self.last)
        self.last = error.last
        for listener in self.live:
            listener.seen = error.last
        self.tell(frame.error(error))

    def tell(self, frame: Frame) -> None:
        """Say something to everyone that has no place in the order."""
        for listener in self.live:
            listener.put(frame)
