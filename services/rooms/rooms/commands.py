"""What is said to Redis and how its replies are read: bytes and numbers, no connection.

``Log`` and ``AsyncLog`` are two drivers of this one file.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from redis import exceptions as redis_errors

from rooms.credentials import credentials
from rooms.errors import AfterInFuture, Full, Unavailable
from rooms.keys import wake_channel
from rooms.limits import HERE_SECONDS
from rooms.message import Message, Page
from rooms.names import author_name

__all__ = [
    "HERE",
    "HISTORY",
    "NEWEST",
    "POST",
    "client_options",
    "here_arguments",
    "read_names",
    "read_page",
    "told_apart",
]

POST = files("rooms").joinpath("post.lua").read_text()
HISTORY = files("rooms").joinpath("history.lua").read_text()
NEWEST = files("rooms").joinpath("newest.lua").read_text()
HERE = files("rooms").joinpath("here.lua").read_text()


def client_options(password_file: str = "") -> dict[str, Any]:
    """How every client of a log connects; ``password_file``: see ``credentials``.

    The time-outs are ours, not the client library's: its next major version cuts idle connections after 5 s
    by default.
    """
    return {
        "decode_responses": True,
        "credential_provider": credentials(password_file),
        "driver_info": None,  # nobody asks which client we are, and it costs two round trips
        "socket_connect_timeout": 2.0,  # on loopback and in a data centre a connection stands in milliseconds
        "socket_timeout": 10.0,  # must exceed the longest blocking read, log.BLOCK_SECONDS
        "health_check_interval": 30,  # a half-open connection is found before it is used
    }


@contextmanager
def told_apart() -> Iterator[None]:
    """Turn what the client library raises into a ``RoomError``. The one place that knows both."""
    try:
        yield
    except redis_errors.OutOfMemoryError as error:
        raise Full("Redis has no memory left for messages; try again later.") from error
    except redis_errors.RedisError as error:
        # Gone, still loading, read-only, its disk full: to a caller they are all one, and the reason tells
        # them apart.
        raise Unavailable(
            f"The rooms' Redis does not do its work: {str(error).rstrip('.')}. Try again in a moment."
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The rooms' Redis does not answer: {str(error).rstrip('.')}. Try again in a moment."
        ) from error


def here_arguments(room: str, verb: str, names: Iterable[str], holder: str) -> list[str]:
    """What ``here.lua`` is told."""
    lease = str(int(HERE_SECONDS * 1000))
    return [wake_channel(room), verb, lease, *(f"{author_name(name)}\n{holder}" for name in names)]


def read_names(reply: list[str]) -> list[str]:
    """The reply of ``here.lua``: each name once, whoever holds it."""
    return sorted({member.split("\n")[0] for member in reply})


def read_entry(entry: list[Any]) -> Message:
    """One entry of a stream, as a script returns it: ``["17-0", ["author", …, "text", …, "time", …]]``."""
    identity, flat = entry
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    return Message.stored(int(identity.split("-")[0]), fields["author"], fields["text"], int(fields["time"]))


def read_page(reply: list[Any], after: int) -> Page:
    """The reply of ``history.lua``."""
    oldest, newest, entries = reply
    if after > newest:
        raise AfterInFuture(after, newest)
    return Page([read_entry(entry) for entry in entries], newest, max(0, oldest - 1 - after))
