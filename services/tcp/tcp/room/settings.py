"""What can be set of the rooms, with its default and the reason for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from rooms.limits import HISTORY_MESSAGES, POSTS_A_SECOND, POSTS_BURST

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the rooms are, and how much one process and one connection may take."""

    redis_url: str = "redis://127.0.0.1:6390/0"  # where native mode has it
    remembered: int = HISTORY_MESSAGES  # messages that a room keeps
    rooms: int = 1_000  # that a process follows; who joins one more gets an error that says so
    behind: int = 256  # lines that wait for who does not read; past it the connection ends
    posts: int = POSTS_A_SECOND  # that one connection may say, in the long run
    burst: int = POSTS_BURST  # and at once; past it errors, and the end if it goes on
    password_file: str = ""  # where the password of Redis' user lies, if it has one

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The defaults, and what the environment says instead. ValueError names the variable."""
        posts = number(environ, "TCP_POSTS_A_SECOND", cls().posts)
        return cls(
            redis_url(environ, cls().redis_url),
            number(environ, "ROOM_HISTORY", cls().remembered),
            number(environ, "TCP_ROOMS", cls().rooms),
            number(environ, "TCP_BEHIND", cls().behind),
            posts,
            max(posts, cls().burst),
            environ.get("REDIS_PASSWORD_FILE", "").strip(),
        )


def number(environ: Mapping[str, str], name: str, default: int) -> int:
    """A variable that is a number of something; empty counts as not set."""
    value = environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit() and len(value) <= 7 and int(value)):
        raise ValueError(f"{name} is {value!r}: set it to a whole number from 1 to 9999999")
    return int(value)


def redis_url(environ: Mapping[str, str], default: str) -> str:
    """Where Redis is."""
    value = environ.get("REDIS_URL", "").strip() or default
    parts = urlsplit(value)
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.hostname or parts.path):
        raise ValueError(f"REDIS_URL is {value!r}: set it to an address such as redis://127.0.0.1:6379/0")
    return value
