"""A room over WebSocket: JSON frames both ways."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from django.conf import settings
from rooms import RoomError, Unavailable
from rooms.names import after_number, author_name, message_text, room_name

from realtime import command, frame
from realtime.consumer import SocketConsumer
from realtime.counters import counters
from realtime.flood import Flood, Flooded
from realtime.listener import Listener, Stopping, TooSlow
from realtime.protocol import WRITE

if TYPE_CHECKING:
    from realtime.hubs import Hubs

__all__ = ["Room"]

#: How a connection ends that could have lived, by what happened: RFC 6455, section 7.4.1, and the registry
#: that it began.
ENDS: dict[type[Exception], tuple[int, str]] = {
    Stopping: (1012, "the server restarts; resume with after="),
    TooSlow: (1013, "too slow; resume with after="),
    RoomError: (1013, "try again later"),
    Flooded: (1008, "too many messages"),
}


class TooFast(RoomError):  # noqa: N818 (as the other errors of rooms)
    """The client talks faster than anybody may."""

    status = 429
    code = "too_fast"


class Room(SocketConsumer):
    """``/ws/rooms/<room>?after=N&name=…``

    Two tasks a connection: this one sends whatever waits for the listener, and the other receives. Whichever
    ends first ends both.
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
        """Send, while the other task receives; and close with a code that says why."""
        try:
            await self.tell()
        except tuple(ENDS) as end:
            if isinstance(end, RoomError):
                await self.send(frame.error(end).event)
            code, reason = next(ENDS[kind] for kind in type(end).__mro__ if kind in ENDS)
            await self.send({"type": "websocket.close", "code": code, "reason": reason})

    async def tell(self) -> None:
        """Send what waits for the listener until there is an end."""
        with self.hubs.listening(self.room, self.after, self.name) as listener:
            listener.write = self.scope.get("extensions", {}).get(WRITE, listener.write)
            receiving = asyncio.create_task(self.listen(listener))
            try:
                async for waiting in listener.frames():
                    await self.send(waiting.event)
            finally:
                receiving.cancel()

    async def listen(self, listener: Listener) -> None:
        """Take what the client says, one message after another, until it goes."""
        now = asyncio.get_running_loop().time
        flood = Flood(settings.POSTS_A_SECOND, settings.POSTS_BURST, now())
        try:
            await listener.is_in()  # what is posted before may be something that its author never hears
            while (event := await self.receive())["type"] == "websocket.receive":
                counters.received += 1
                listener.put(await self.answer(event, flood.admits(now()), listener.opened.done()))
            listener.end()
        except Exception as end:  # noqa: BLE001 (whatever ended this task is raised again in the other)
            listener.end(end)

    async def answer(self, event: dict[str, object], admitted: bool, is_in: bool) -> frame.Frame:
        """Post a message and acknowledge it, or say what is wrong with it."""
        ref = None
        try:
            if not admitted:
                raise TooFast(
                    f"No more than {settings.POSTS_A_SECOND} messages a second; this one was not posted."
                )
            post = command.read(event)
            ref = post.ref
            author = author_name(self.name if post.author is None else post.author)
            if not is_in:
                raise Unavailable("The rooms' Redis does not answer; this was not posted. Try again later.")
            message = await self.hubs.log.post(self.room, author, message_text(post.text))
        except command.BadFrame as error:
            return frame.error(error, error.ref)
        except RoomError as error:
            return frame.error(error, ref)
        counters.posted += 1
        return frame.ack(message.number, ref)
