"""A room for callers that block: a thread of Gunicorn, a connection's thread, a script.

Who opens and who closes: a ``Log`` owns a pool of connections to Redis and ``close`` empties it. It may be
shared by any number of threads. It connects when it is first used, so that a service starts without Redis,
and it never repeats a ``post`` by itself, because the first may have been written.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rooms import commands
from rooms.backoff import Backoff
from rooms.errors import AfterInFuture, Unavailable
from rooms.keys import here_key, log_key, wake_channel
from rooms.limits import HISTORY_MESSAGES, PAGE_MESSAGES
from rooms.message import Message, Page
from rooms.names import after_number, author_name, message_text, page_limit, room_name

__all__ = ["BLOCK_SECONDS", "Log"]

#: The longest that one read waits inside Redis; below the socket's time-out, so that silence is told from
#: death.
BLOCK_SECONDS = 5.0


class Log:
    """The rooms of one Redis."""

    def __init__(self, url: str, *, remembered: int = HISTORY_MESSAGES, password_file: str = "") -> None:
        """``url`` as in ``redis://host:port/0``; ``remembered``: how many messages a room keeps;
        ``password_file``: where the password of Redis' user lies, if it has one.
        """
        self.remembered = remembered
        options = commands.client_options(password_file)
        self.redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
        self.scripts = {
            text: self.redis.register_script(text)
            for text in (commands.POST, commands.HISTORY, commands.NEWEST, commands.HERE)
        }

    def close(self) -> None:
        """Close every connection. Threads that still read get an ``Unavailable``."""
        self.redis.close()

    def ping(self) -> None:
        """Return if Redis answers, else raise ``Unavailable``."""
        with commands.told_apart():
            self.redis.ping()

    def post(self, room: str, author: str, text: str) -> Message:
        """Append a message, and return it with its number once Redis has it.

        Raises ``BadRoom``, ``BadAuthor``, ``BadText``, ``TextTooLong``; ``Full`` and ``Unavailable``, after
        which it isn't known to be written: where the connection broke between the write and the answer, it
        is.
        """
        room, author, text = room_name(room), author_name(author), message_text(text)
        with commands.told_apart():
            reply = self.run(
                commands.POST, [log_key(room)], [author, text, self.remembered, wake_channel(room)]
            )
        return Message.stored(reply[0], author, text, reply[1])

    def history(self, room: str, after: int = 0, limit: int = PAGE_MESSAGES) -> Page:
        """The messages that follow number ``after``, at once, ``limit`` at most.

        Raises ``BadRoom``, ``BadNumber``, ``AfterInFuture``, ``Unavailable``.
        """
        room, after, limit = room_name(room), after_number(after), page_limit(limit)
        with commands.told_apart():
            reply = self.run(commands.HISTORY, [log_key(room)], [after, limit])
        return commands.read_page(reply, after)

    def wait(self, room: str, after: int, timeout: float = BLOCK_SECONDS) -> Page:
        """As ``history``, but wait up to ``timeout`` seconds for a first message; then the page is empty."""
        page = self.history(room, after)
        deadline = time.monotonic() + timeout
        while not page.messages and (left := deadline - time.monotonic()) > 0:
            milliseconds = max(1, int(min(left, BLOCK_SECONDS) * 1000))
            with commands.told_apart():
                self.redis.xread({log_key(room): f"{after}-0"}, count=1, block=milliseconds)
            page = self.history(room, after)
        return page

    def follow(self, room: str, after: int | None = None) -> Iterator[Page]:
        """Page after page, for ever: each at least one message, every message once, in order.

        Without ``after`` it begins with the next message. While Redis is gone it waits and tries again, and
        goes on where it was. ``page.missed`` says what had been forgotten by then. A log that ends before
        ``after`` (a Redis that lost its disk) is followed from its end.
        """
        room, seen = room_name(room), None if after is None else after_number(after)
        backoff = Backoff()
        while True:
            try:
                if seen is None:
                    seen = self.end(room)
                page = self.wait(room, seen)
            except Unavailable:
                time.sleep(backoff.delay())
                continue
            except AfterInFuture as error:
                seen = error.last
                continue
            backoff.reset()
            if page.messages:
                seen = page.messages[-1].number
                yield page

    def enter(self, room: str, names: Iterable[str], holder: str) -> list[str]:
        """Say that people are in the room, at the latest every ten seconds again, and return who is there.

        ``holder`` tells the callers of this apart, such as processes: a name leaves with its last holder, or
        30 s after that was last heard of. With no names it only asks. Raises ``BadRoom``, ``BadAuthor``,
        ``Unavailable``.
        """
        return self.here(room, "enter", names, holder)

    def leave(self, room: str, names: Iterable[str], holder: str) -> list[str]:
        """Say that people have left, and return who is there."""
        return self.here(room, "leave", names, holder)

    def here(self, room: str, verb: str, names: Iterable[str], holder: str) -> list[str]:
        """Change who is in the room."""
        room = room_name(room)
        arguments = commands.here_arguments(room, verb, names, holder)
        with commands.told_apart():
            return commands.read_names(self.run(commands.HERE, [here_key(room)], arguments))

    def end(self, room: str) -> int:
        """The number of the room's newest message, 0 in an empty room."""
        return self.ends([room])[0]

    def ends(self, rooms: Sequence[str]) -> list[int]:
        """The newest number of each room, in one round trip."""
        with commands.told_apart():
            return cast(
                "list[int]", self.run(commands.NEWEST, [log_key(room_name(room)) for room in rooms], [])
            )

    def run(self, script: str, keys: list[str], arguments: Sequence[Any]) -> list[Any]:
        """Run one of the Lua scripts, by its hash; a Redis that restarted is sent the text again."""
        return cast("list[Any]", self.scripts[script](keys=keys, args=list(arguments)))
