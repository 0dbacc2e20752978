"""What a run can be told: on Locust's command line, in its configuration file, or in the form of its page."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from loadtests.addresses import AddressError, Stack, Via

if TYPE_CHECKING:
    from collections.abc import Mapping

    from locust.argument_parser import LocustArgumentParser

__all__ = ["HOPS", "STACK", "OptionError", "Settings", "add_options"]

STACK = Stack.from_environment(os.environ)
"""Read once, when Locust loads its file."""

HOPS = STACK.hops(os.environ)
"""Everybody that a request may meet on its way, by name."""

PAYLOAD_LIMIT = 1024 * 1024
"""Bytes: the content that httpd accepts of a request. Realtime closes a WebSocket at more than 64 KiB."""

ROOM = re.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}")
"""As the services have it."""


class OptionError(ValueError):
    """A setting that can't be used; the message says which, and what to do."""


def add_options(parser: LocustArgumentParser) -> None:
    """Our arguments. Locust shows each in its page, labelled with its name and this help."""
    parser.add_argument(
        "--via",
        choices=["nginx", "direct"],
        default="nginx",
        help="through nginx, or direct to each service; an address of this stack in Host overrides it",
    )
    parser.add_argument(
        "--payload",
        type=int,
        default=64,
        help=f"bytes that an echo sends and gets back, 1 to {PAYLOAD_LIMIT}; WebSocket messages up to 65536; "
        "a room's messages have 64 at least and 4096 at most",
    )
    parser.add_argument(
        "--rate",
        type=float,
        default=0.0,
        help="requests a second of each user, however long replies take (open loop); 0: one after the other",
    )
    parser.add_argument(
        "--pause",
        type=float,
        default=0.0,
        help="milliseconds a user waits between two requests; 0: the next goes as soon as the reply is there",
    )
    parser.add_argument(
        "--reply-timeout",
        type=float,
        default=10.0,
        help="seconds that a reply may take; a later one is a failed request",
    )
    parser.add_argument(
        "--room",
        default="load",
        help="the room that room users are in; curl -N follows it too, at /rooms/load/events",
    )
    parser.add_argument(
        "--posts",
        type=float,
        default=5.0,
        help="messages a second that each poster of a room posts, whatever the replies; 0: nobody posts. "
        "Over WebSocket a room takes 50 a second of each",
    )
    parser.add_argument(
        "--listeners-per-poster",
        type=int,
        default=10,
        help="in a room everybody listens; the first of so many users of a class posts as well",
    )
    parser.add_argument(
        "--poll-every",
        type=float,
        default=200.0,
        help="milliseconds that RoomPolling waits between an answer and its next question",
    )
    parser.add_argument(
        "--microseconds",
        metavar="FILE",
        include_in_web_ui=False,
        help="write the times of a headless run to this file, as JSON in microseconds",
    )


class Settings(NamedTuple):
    """The arguments above, checked."""

    via: Via = "nginx"
    payload: int = 64
    rate: float = 0.0
    """Requests a second and user; 0 is a closed loop."""
    pause: float = 0.0
    """Seconds."""
    reply_timeout: float = 10.0
    host: str = ""
    room: str = "load"
    posts: float = 5.0
    """Messages a second and poster; 0: nobody posts."""
    listeners_per_poster: int = 10
    poll_every: float = 0.2
    """Seconds."""

    @classmethod
    def of(cls, given: Mapping[str, Any], host: str | None = "") -> Settings:
        """Settings from parsed arguments or from a form's fields. Raises OptionError."""
        via = given.get("via", "nginx")
        if via not in ("nginx", "direct"):
            raise OptionError(f"Via is {via!r}: use nginx or direct.")
        settings = cls(
            cast("Via", via),
            int(number(given, "payload", "64", 1, PAYLOAD_LIMIT, whole=True)),
            number(given, "rate", "0", 0, 100_000),
            number(given, "pause", "0", 0, 3_600_000) / 1000,
            number(given, "reply_timeout", "10", 0.1, 600),
            (host or "").strip(),
            room_name(given),
            number(given, "posts", "5", 0, 10_000),
            int(number(given, "listeners_per_poster", "10", 1, 1_000_000, whole=True)),
            number(given, "poll_every", "200", 0, 3_600_000) / 1000,
        )
        if settings.rate and settings.pause:
            raise OptionError(
                "Rate and pause are both given: a rate decides by itself how long a user waits."
            )
        return settings

    def check(self, services: set[str]) -> None:
        """Raise OptionError unless each of the services can be reached as the settings say."""
        for service in services:
            try:
                STACK.target(service, self.via, self.host)
            except AddressError as error:
                raise OptionError(str(error)) from None


def room_name(given: Mapping[str, Any]) -> str:
    """A name that a room can have. Raises OptionError."""
    name = str(given.get("room", "load"))
    if not ROOM.fullmatch(name):
        raise OptionError(
            f"Room is {name!r}: a room's name is 1 to 64 ASCII letters, digits, '.', '_' or '-', "
            "and starts with a letter or a digit."
        )
    return name


def number(
    given: Mapping[str, Any], name: str, default: str, least: float, most: float, *, whole: bool = False
) -> float:
    """A number between two bounds. Raises OptionError."""
    text = str(given.get(name, default))
    try:
        value = float(int(text) if whole else float(text))
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        label = name.replace("_", " ").capitalize()
        raise OptionError(f"{label} is {text!r}: give {kind} from {least:g} to {most:.7g}.")
    return value
