"""One user a transport, from the plainest: all of them hear one room."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, ClassVar, Final

import gevent
from locust import tag, task

from loadtests.clients.lines import LinesClient
from loadtests.clients.log import LogClient
from loadtests.clients.polling import LongPollingClient, PollingClient
from loadtests.clients.stream import StreamClient
from loadtests.clients.talk import TalkClient
from loadtests.users.poster import SECOND
from loadtests.users.room import RoomUser

if TYPE_CHECKING:
    from locust.env import Environment

    from loadtests.clients.said import Acknowledged, Heard, Listener
    from loadtests.users.letter import Letter

__all__ = ["ROOMS", "RoomLongPolling", "RoomPolling", "RoomStream", "RoomTcp", "RoomWebSocket"]

IDLE: Final = 1.0
"""Seconds after which a connection that did nothing is not used again: Gunicorn closes its own after two,
and a request would meet that on its way."""


class HttpRoomUser(RoomUser):
    """Hears by HTTP, one way or the other, and posts by requests of their own, as a browser's page does."""

    abstract = True

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._letterbox: LogClient | None = None
        self._used = 0

    def say(self, letter: Letter) -> Acknowledged | None:
        """One request, over a connection that stays open while it is used."""
        box = self._letterbox
        if box is None or not box.keep_alive or perf_counter_ns() - self._used > IDLE * SECOND:
            box = self._open_letterbox()
        start = perf_counter_ns()
        try:
            acknowledged = box.post(letter.write(self.settings.payload), letter.serial)
        except BaseException:
            # Killed or failed in mid-request, it is out of step.
            self._close_letterbox()
            raise
        self.posts.times["first_byte"][(box.first_byte - start) // 1000] += 1
        self._used = perf_counter_ns()
        return acknowledged

    def on_stop(self) -> None:
        super().on_stop()
        self._close_letterbox()

    def _open_letterbox(self) -> LogClient:
        self._close_letterbox()
        start = perf_counter_ns()
        box = LogClient(self.log.address, self.settings.room, self.settings.reply_timeout)
        self._letterbox = box
        self.posts.events["connections"] += 1
        self.posts.times["connect"][(box.opened - start) // 1000] += 1
        return box

    def _close_letterbox(self) -> None:
        box, self._letterbox = self._letterbox, None
        if box is not None:
            box.close()


class AskingUser(HttpRoomUser):
    """Asks again and again; each asking is a request."""

    abstract = True
    asking = "ask"
    client: ClassVar[type[PollingClient]]

    def listen(self, after: int) -> PollingClient:
        return self.client(self.target.address, self.settings.room, after, self.settings.reply_timeout)

    def ask(self, listener: Listener) -> list[Heard]:
        """One request. A server that has said that it closes is asked over a new connection next time."""
        start = perf_counter_ns()
        heard = listener.hear()
        self.time(self.requests, start, listener.first_byte)
        if not listener.keep_alive:
            self._hang_up()
        return heard


class RoomPolling(AskingUser):
    """Asks, waits, asks again: what it hears is late by half its waiting, and most answers are empty."""

    service, method, transport = "web", "POLL", "1 polling"
    client = PollingClient

    _next = 0
    """When it asks next, by the performance counter."""

    def ask(self, listener: Listener) -> list[Heard]:
        gevent.sleep(max(self._next - perf_counter_ns(), 0) / SECOND)
        heard = super().ask(listener)
        self._next = perf_counter_ns() + int(self.settings.poll_every * SECOND)
        if self.settings.poll_every > IDLE:
            self._hang_up()
        return heard

    @tag("room", "web")
    @task
    def hear(self) -> None:
        self.hear_for_a_moment()


class RoomLongPolling(AskingUser):
    """Asks, and the answer waits until there is something to say."""

    service, method, transport = "realtime", "LONG", "2 long polling"
    client = LongPollingClient

    @tag("room", "realtime")
    @task
    def hear(self) -> None:
        self.hear_for_a_moment()


class RoomStream(HttpRoomUser):
    """Asks once; the response never ends."""

    service, method, transport = "realtime", "SSE", "3 stream"

    def listen(self, after: int) -> StreamClient:
        return StreamClient(self.target.address, self.settings.room, after, self.settings.reply_timeout)

    @tag("room", "realtime")
    @task
    def hear(self) -> None:
        self.hear_for_a_moment()


class TalkingUser(RoomUser):
    """Hears and posts over one connection; that a post is in the log is heard like everything else."""

    abstract = True
    talk: TalkClient | LinesClient
    """The connection, of which there is one while `can_say`."""

    def can_say(self) -> bool:
        return self.is_listening

    def say(self, letter: Letter) -> None:
        self.talk.post(letter.write(self.settings.payload), letter.serial)


class RoomWebSocket(TalkingUser):
    """Frames both ways."""

    service, method, transport = "realtime", "WS", "4 websocket"

    def listen(self, after: int) -> Listener:
        self.talk = TalkClient(self.target.address, self.settings.room, after, self.settings.reply_timeout)
        return self.talk

    @tag("room", "realtime")
    @task
    def hear(self) -> None:
        self.hear_for_a_moment()


class RoomTcp(TalkingUser):
    """Lines both ways, over a connection and nothing else."""

    service, method, transport = "tcp-room", "TCP", "5 tcp"

    def listen(self, after: int) -> Listener:
        room, timeout = self.settings.room, self.settings.reply_timeout
        self.talk = LinesClient(self.target.address, room, f"locust-{self.poster.name}", after, timeout)
        return self.talk

    @tag("room", "tcp")
    @task
    def hear(self) -> None:
        self.hear_for_a_moment()


ROOMS: tuple[type[RoomUser], ...] = (RoomPolling, RoomLongPolling, RoomStream, RoomWebSocket, RoomTcp)
"""From asking again and again to a connection both ways; and the plainest of those."""
