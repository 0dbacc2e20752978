"""What stands in a room's log, and what one read of it gives."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

__all__ = ["Message", "MessageJSON", "Page", "PageJSON"]


class MessageJSON(TypedDict):
    """A message on the wire, the same on every transport."""

    number: int
    author: str
    text: str
    time: str


class PageJSON(TypedDict):
    """A page on the wire: what polling and long polling answer with."""

    messages: list[MessageJSON]
    last: int
    missed: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its place in the room's order, who wrote what, and when Redis took it in."""

    number: int
    author: str
    text: str
    time: datetime  # UTC, whole milliseconds, by Redis' clock: the same for all posters

    @classmethod
    def stored(cls, number: int, author: str, text: str, milliseconds: int) -> "Message":
        """A message as Redis keeps it, with its time in milliseconds since 1970."""
        seconds, rest = divmod(milliseconds, 1000)
        return cls(
            number, author, text, datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
        )

    def as_json(self) -> MessageJSON:
        """What ``json.dumps`` takes; the time in RFC 3339's form."""
        time = self.time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        return {"number": self.number, "author": self.author, "text": self.text, "time": time}


@dataclass(frozen=True, slots=True)
class Page:
    """Messages that follow one another, as one read found the log."""

    messages: list[Message]
    last: int  # the number of the room's newest message, 0 in an empty room; not necessarily on this page
    missed: (
        int  # messages that were asked for and that the room no longer remembers; they come before the page
    )

    @property
    def oldest(self) -> int:
        """The number of the first message here. Only a page that holds something has one."""
        return self.messages[0].number

    def as_json(self) -> PageJSON:
        """What ``json.dumps`` takes."""
        return {"messages": [m.as_json() for m in self.messages], "last": self.last, "missed": self.missed}
