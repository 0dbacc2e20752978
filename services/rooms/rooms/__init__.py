"""What a room is: an append-only log with an order, in Redis.

Every message has a number, 1, 2, 3 …, without holes. A listener says which number it has seen last and gets
the rest, exactly once, in order. ``Log`` is for callers that block, ``AsyncLog`` for coroutines.
"""

from rooms.asynclog import AsyncLog
from rooms.backoff import Backoff
from rooms.errors import (
    AfterInFuture,
    BadAuthor,
    BadNumber,
    BadRoom,
    BadText,
    Full,
    RoomError,
    TextTooLong,
    Unavailable,
)
from rooms.log import Log
from rooms.message import Message, Page

__all__ = [
    "AfterInFuture",
    "AsyncLog",
    "Backoff",
    "BadAuthor",
    "BadNumber",
    "BadRoom",
    "BadText",
    "Full",
    "Log",
    "Message",
    "Page",
    "RoomError",
    "TextTooLong",
    "Unavailable",
]
