"""What a room is: an append-only log with an order, in Redis.

Every message has a number, 1, 2, 3 …, without holes. A listener says which number it has seen last and gets
the rest, exactly once, in order. ``Log`` is for callers that block, ``AsyncLog`` for coroutines.

A message that ``post`` returns is in Redis' append-only file, if Redis has one. When that reaches the disk is
Redis' ``appendfsync``. With ``always`` it has before ``post`` returns, and nothing that happens to the
process or the machine takes it away. With ``everysec`` a power cut may take the last second or two; so may
killing Redis while the disk is so busy that it puts off writing. A ``post`` that raises ``Unavailable`` may
have been written nevertheless: its answer was what got lost. So it is never repeated here, and who repeats it
may say it twice.
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
