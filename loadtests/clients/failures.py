"""What can go wrong with an exchange. Each is a failed request in Locust's table, under its reason.

A reason carries no number that differs from one failure to the next: Locust keeps a row for each distinct
text.
"""

from __future__ import annotations

__all__ = [
    "ClosedEarly",
    "ConnectFailed",
    "Failure",
    "MalformedReply",
    "TimedOut",
    "WrongContent",
    "WrongStatus",
]


class Failure(Exception):  # noqa: N818 - the word that Locust has for it
    """An exchange that did not end as it should; the message is the reason that the user reads."""

    reusable = False
    """Whether the connection is still in step with the server, so that the next exchange can use it."""


class ConnectFailed(Failure):
    """No connection: refused, unreachable, a name that nobody knows, or an opening handshake that was
    declined.
    """


class TimedOut(Failure):
    """Nothing, or not enough, within the time-out."""


class ClosedEarly(Failure):
    """The server closed or reset the connection while a reply was owed."""


class MalformedReply(Failure):
    """Bytes that the protocol does not allow, or more of them than were asked for."""


class WrongStatus(Failure):
    """A well-formed HTTP response that says something else than was expected."""

    reusable = True


class WrongContent(Failure):
    """A well-formed reply whose content is not, byte for byte, what it should be."""

    reusable = True
