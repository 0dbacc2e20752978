"""The one thread of a process that hears from Redis, for all rooms.

It subscribes to the wake-ups of each followed room. What a wake-up is worth is read from the log, so one that
is lost costs time and nothing else: after every connection, and once a second, all rooms are compared with
their logs.
"""

import time
from contextlib import closing
from math import inf
from typing import TYPE_CHECKING, Any, Protocol, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rooms import Backoff, RoomError
from rooms.commands import client_options
from rooms.keys import LAYER_PREFIX, wake_channel

from tcp.room import line

if TYPE_CHECKING:
    from tcp.room.hub import Hub
    from tcp.room.hubs import Hubs

__all__ = ["Follower"]

#: Between two looks at where the logs end: how late a message comes whose wake-up was lost.
BEAT_SECONDS = 1.0

#: Wake-ups that are taken at once, so that the rooms get their turn while more come in.
WAKES = 1000

GONE = (
    "Redis, which keeps the rooms, does not answer, so nothing can be posted now. Stay: what was posted is "
    "not lost, and this goes on by itself."
)
BACK = "Redis is back, and so is the room."


class Subscription(Protocol):
    """What is used of the client library's ``PubSub``, which has no annotations."""

    def subscribe(self, *channels: str) -> None:
        """Have what is published there sent. Redis confirms each."""

    def unsubscribe(self, *channels: str) -> None:
        """End that."""

    def get_message(self, *, timeout: float) -> dict[str, Any] | None:
        """What was published, or a confirmation, with ``type``, ``channel`` and ``data``; None in time."""

    def close(self) -> None:
        """Give the connection up."""


class Follower:
    """Brings the hubs what happens in their rooms, for as long as the process lives."""

    def __init__(self, hubs: "Hubs", holder: str) -> None:
        """``holder`` is this process, among those that share the Redis."""
        self.hubs, self.holder = hubs, holder
        #: A Redis channel, on which a thread that has opened a hub calls us.
        self.bell = f"{LAYER_PREFIX}__tcp__{holder}"
        # Not decoded: a wake-up is msgpack, which is for Channels and not for us.
        options = {**client_options(hubs.settings.password_file), "decode_responses": False}
        self.redis = Redis.from_url(hubs.settings.redis_url, retry=Retry(NoBackoff(), 0), **options)
        self.lost = False  # Redis is gone, and everyone has been told
        self.subscribed: dict[bytes, str] = {}  # rooms by the channel of their wake-ups
        self.beat_due = 0.0

    def run(self) -> None:
        """Hear from Redis; when it is gone, come back to it."""
        backoff = Backoff()
        while True:
            try:
                with closing(cast("Subscription", self.redis.pubsub())) as pubsub:  # type: ignore[no-untyped-call]
                    self.listen(pubsub, backoff)
            except (RoomError, RedisError, OSError):
                self.lose()
                time.sleep(backoff.delay())

    def listen(self, pubsub: Subscription, backoff: Backoff) -> None:
        """Follow every room, until that raises."""
        self.subscribed, self.beat_due = {}, 0.0
        pubsub.subscribe(self.bell)
        while True:
            hubs = {hub.room: hub for hub in self.hubs.followed()}
            self.subscribe(pubsub, hubs)
            for room in self.woken(pubsub, hubs):
                hubs[room].catch_up()
            for hub in hubs.values():
                if hub.presence.due <= time.monotonic():
                    hub.tell(*hub.presence.update())
            if self.beat_due <= time.monotonic():
                self.beat(pubsub, list(hubs.values()))
                self.find()
                backoff.reset()

    def subscribe(self, pubsub: Subscription, hubs: dict[str, "Hub"]) -> None:
        """Ask for the wake-ups of new rooms. Each is opened, or read, when Redis has confirmed that."""
        new = hubs.keys() - self.subscribed.values()
        if new:
            channels = {wake_channel(room): room for room in new}
            self.subscribed.update({channel.encode(): room for channel, room in channels.items()})
            pubsub.subscribe(*channels)

    def woken(self, pubsub: Subscription, hubs: dict[str, "Hub"]) -> set[str]:
        """Wait until it is time for something, or something happens. Returns the rooms in which it did."""
        due = min([self.beat_due if hubs else inf, *(hub.presence.due for hub in hubs.values())])
        patience = min(max(0.0, due - time.monotonic()), 10 * BEAT_SECONDS)
        rooms: set[str] = set()
        for _ in range(WAKES):
            wake = pubsub.get_message(timeout=patience)
            if wake is None:
                break
            patience = 0.0
            room = self.subscribed.get(wake["channel"])
            if room in hubs and wake["type"] in {"subscribe", "message"}:
                rooms.add(room)
                # A text that says so does no harm: somebody asks who is here.
                if wake["type"] == "message" and b"room.presence" in wake["data"]:
                    hubs[room].presence.changed()
        return rooms

    def beat(self, pubsub: Subscription, hubs: list["Hub"]) -> None:
        """Compare every room with its log, close those that nobody is in, and wake who waits."""
        opened = [hub for hub in hubs if hub.opened]
        for hub, end in zip(opened, self.hubs.log.ends([hub.room for hub in opened]), strict=True):
            if hub.last != end:
                hub.read()
            hub.wake_others()
        for hub in self.hubs.close_empty():
            channel = wake_channel(hub.room)
            if self.subscribed.pop(channel.encode(), None):
                pubsub.unsubscribe(channel)
        self.beat_due = time.monotonic() + BEAT_SECONDS

    def lose(self) -> None:
        """Redis is gone: tell everyone, once."""
        if not self.lost:
            self.lost = True
            for hub in self.hubs.followed():
                hub.tell(line.error(GONE))
        for hub in self.hubs.followed():
            hub.wake_others()

    def find(self) -> None:
        """Redis is here. If it was gone, tell everyone, and say again who is here."""
        if self.lost:
            self.lost = False
            for hub in self.hubs.followed():
                hub.presence.changed()
                hub.tell(line.notice(BACK))
