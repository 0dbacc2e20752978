"""A room for coroutines: the same operations as ``Log``, word for word, with ``await``.

An ``AsyncLog`` belongs to the event loop that first uses it; ``aclose`` empties its pool of connections.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from rooms import commands
from rooms.backoff import Backoff
from rooms.errors import AfterInFuture, Unavailable
from rooms.keys import here_key, log_key, wake_channel
from rooms.limits import HISTORY_MESSAGES, PAGE_MESSAGES
from rooms.log import BLOCK_SECONDS
from rooms.message import Message, Page
from rooms.names import after_number, author_name, message_text, page_limit, room_name

__all__ = ["AsyncLog"]


class AsyncLog:
    """The rooms of one Redis, for one event loop. What each method does and raises stands in ``Log``."""

    def __init__(self, url: str, *, remembered: int = HISTORY_MESSAGES, password_file: str = "") -> None:
        self.remembered = remembered
        options = commands.client_options(password_file)
        self.redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
        texts = (commands.POST, commands.HISTORY, commands.NEWEST, commands.HERE)
        self.scripts = {text: self.redis.register_script(text) for text in texts}

    async def aclose(self) -> None:
        """Close every connection."""
        await self.redis.aclose()

    async def ping(self) -> None:
        """Return if Redis answers, else raise ``Unavailable``."""
        with commands.told_apart():
            await cast("Any", self.redis.ping())

    async def post(self, room: str, author: str, text: str) -> Message:
        """See ``Log.post``."""
        room, author, text = room_name(room), author_name(author), message_text(text)
        reply = await self.run(
            commands.POST, [log_key(room)], [author, text, self.remembered, wake_channel(room)]
        )
        return Message.stored(reply[0], author, text, reply[1])

    async def history(self, room: str, after: int = 0, limit: int = PAGE_MESSAGES) -> Page:
        """See ``Log.history``."""
        room, after, limit = room_name(room), after_number(after), page_limit(limit)
        return commands.read_page(await self.run(commands.HISTORY, [log_key(room)], [after, limit]), after)

    async def wait(self, room: str, after: int, timeout: float = BLOCK_SECONDS) -> Page:  # noqa: ASYNC109 (one API for both)
        """See ``Log.wait``."""
        loop = asyncio.get_running_loop()
        page = await self.history(room, after)
        deadline = loop.time() + timeout
        while not page.messages and (left := deadline - loop.time()) > 0:
            milliseconds = max(1, int(min(left, BLOCK_SECONDS) * 1000))
            with commands.told_apart():
                await self.redis.xread({log_key(room): f"{after}-0"}, count=1, block=milliseconds)
            page = await self.history(room, after)
        return page

    async def follow(self, room: str, after: int | None = None) -> AsyncIterator[Page]:
        """See ``Log.follow``."""
        room, seen = room_name(room), None if after is None else after_number(after)
        backoff = Backoff()
        while True:
            try:
                if seen is None:
                    seen = await self.end(room)
                page = await self.wait(room, seen)
            except Unavailable:
                await asyncio.sleep(backoff.delay())
                continue
            except AfterInFuture as error:
                seen = error.last
                continue
            backoff.reset()
            if page.messages:
                seen = page.messages[-1].number
                yield page

    async def enter(self, room: str, names: Iterable[str], holder: str) -> list[str]:
        """See ``Log.enter``."""
        return await self.here(room, "enter", names, holder)

    async def leave(self, room: str, names: Iterable[str], holder: str) -> list[str]:
        """See ``Log.leave``."""
        return await self.here(room, "leave", names, holder)

    async def here(self, room: str, verb: str, names: Iterable[str], holder: str) -> list[str]:
        """Change who is in the room."""
        room = room_name(room)
        arguments = commands.here_arguments(room, verb, names, holder)
        return commands.read_names(await self.run(commands.HERE, [here_key(room)], arguments))

    async def end(self, room: str) -> int:
        """See ``Log.end``."""
        return (await self.ends([room]))[0]

    async def ends(self, rooms: Sequence[str]) -> list[int]:
        """The newest number of each room, in one round trip."""
        return cast(
            "list[int]", await self.run(commands.NEWEST, [log_key(room_name(room)) for room in rooms], [])
        )

    async def run(self, script: str, keys: list[str], arguments: Sequence[Any]) -> list[Any]:
        """Run one of the Lua scripts."""
        with commands.told_apart():
            return cast("list[Any]", await self.scripts[script](keys=keys, args=list(arguments)))
