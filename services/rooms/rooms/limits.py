"""What a room accepts and keeps. Each limit has one error in ``errors``; every transport obeys the same."""

from typing import Final

__all__ = [
    "AUTHOR_CHARACTERS",
    "HERE_SECONDS",
    "HISTORY_MESSAGES",
    "NUMBER_MAX",
    "PAGE_MESSAGES",
    "POSTS_A_SECOND",
    "POSTS_BURST",
    "ROOM_CHARACTERS",
    "TEXT_BYTES",
]

#: A room's name is part of a URL, of a Redis key and of a Channels group, whose names end at 100 characters.
ROOM_CHARACTERS: Final = 64

#: A name fits on one line of a terminal.
AUTHOR_CHARACTERS: Final = 64

#: UTF-8 bytes of text in a message: several screens of prose, and 256 of them wait in 1 MiB for a slow
#: listener.
TEXT_BYTES: Final = 4 * 1024

#: How long a name is held for a process that no longer renews it. It renews three times as often, so that one
#: renewal may fail without anybody seeming to leave.
HERE_SECONDS: Final = 30

#: Messages that a room remembers. With texts of the greatest length a full room is 4 MiB of Redis' memory.
HISTORY_MESSAGES: Final = 1_000

#: Messages in one read of the log: large enough that catching up is a few round trips, small enough that
#: nobody waits for the reply.
PAGE_MESSAGES: Final = 100

#: Messages that one connection may say, in the long run and at once. Past it an error, and the end of the
#: connection if it goes on. Ten times as fast as anybody types, and a hundred lines can still be pasted.
POSTS_A_SECOND: Final = 50
POSTS_BURST: Final = 100

#: Numbers are JSON numbers, which JavaScript holds exactly up to here (RFC 8259, section 6).
NUMBER_MAX: Final = 2**53 - 1
