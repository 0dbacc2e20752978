"""A room over WebSocket: JSON frames both ways."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from rooms import RoomError
from rooms.names import after_number, author_name, message_text, room_name

from realtime import command, frame
from realtime.consumer import SocketConsumer
from realtime.counters import counters
from realtime.listener import Listener, TooSlow

if TYPE_CHECKING:
    from realtime.hubs import Hubs

__all__ = ["Room"]


class Room(SocketConsumer):
    """``/ws/rooms/<room>?after=N&name=…``

    Two tasks a connection: this one sends whatever waits for the listener, and is the only one that sends;
    the other receives. Whichever ends first ends both.
    """

    def open(self) -> None:
        """What the address says. Without ``after`` the listener begins with the next message."""
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)
        after, name = query.get("after", [None])[-1], query.get("name", [None])[-1]
        self.room = room_name(self.scope["url_route"]["kwargs"]["room"])
        self.after = None if after is None else after_number(after)
        self.name = None if name is None else author_name(name)
        self.hubs: Hubs = self.scope["state"]["hubs"]

    async def talk(self) -> None:
        """Send, while the other task receives."""
        try:
            async with self.hubs.listening(self.room, self.after) as listener:
                receiving = asyncio.create_task(self.listen(listener))
                try:
                    async for waiting in listener.frames():
                        await self.send(waiting.event)
                finally:
                    receiving.cancel()
        except TooSlow:
            counters.slow += 1
            await self.send(
                {"type": "websocket.close", "code": 1013, "reason": "too slow; resume with after="}
            )
        except RoomError as error:
            await self.send(frame.error(error).event)
            await self.send({"type": "websocket.close", "code": 1013, "reason": "try again later"})

    async def listen(self, listener: Listener) -> None:
        """Take what the client says, one message after another, until it goes."""
        while (event := await self.receive())["type"] == "websocket.receive":
            counters.received += 1
            ref = None
            try:
                post = command.read(event)
                ref = post.ref
                author = self.name if post.author is None else post.author
                message = await self.hubs.log.post(self.room, author_name(author), message_text(post.text))
                counters.posted += 1
                listener.put(frame.ack(message.number, ref))
            except command.BadFrame as error:
                listener.put(frame.error(error, error.ref))
            except RoomError as error:
                listener.put(frame.error(error, ref))
        listener.end()
