"""What can go wrong with a room, each with the HTTP status that it deserves and a word for programs.

One sentence tells a person what to do; ``code`` tells a program which case it is, the same on every
transport.
"""

# An error is named for what is wrong, as in "except Unavailable".
# ruff: noqa: N818

__all__ = [
    "AfterInFuture",
    "BadAuthor",
    "BadNumber",
    "BadRoom",
    "BadText",
    "Full",
    "RoomError",
    "TextTooLong",
    "Unavailable",
]


class RoomError(Exception):
    """Something that a caller of a room has to be told."""

    status = 400
    code = "bad_request"


class BadRoom(RoomError):
    """The room's name can't be one."""

    code = "bad_room"


class BadAuthor(RoomError):
    """The author's name can't be one."""

    code = "bad_author"


class BadText(RoomError):
    """The text is no text, or empty, or carries control characters."""

    code = "bad_text"


class TextTooLong(RoomError):
    """The text is longer than a message may be."""

    status = 413
    code = "text_too_long"


class BadNumber(RoomError):
    """A number (``after``, ``limit``) that is none, or out of range."""

    code = "bad_number"


class AfterInFuture(RoomError):
    """The listener says that it has seen a message that has not been written.

    It may have: a Redis that lost its disk starts anew. ``last`` is where the log ends now.
    """

    code = "after_in_future"

    def __init__(self, after: int, last: int) -> None:
        super().__init__(
            f"after={after} is ahead of this room, whose last message is {last}; ask for that or less."
        )
        self.last = last


class Unavailable(RoomError):
    """Redis does not answer, so nothing can be read, and nothing that was posted is known to be written."""

    status = 503
    code = "unavailable"


class Full(RoomError):
    """Redis has no memory left for another message."""

    status = 507
    code = "full"
