"""Server-sent events (WHATWG HTML, section 9.2): content in, events out. No socket, no clock."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from loadtests.clients.failures import MalformedReply

__all__ = ["EVENT_LIMIT", "Event", "EventReader"]

EVENT_LIMIT: Final = 1024 * 1024
"""Bytes of an event that is not complete: a server that never ends one must not fill our memory."""

# Section 9.2.5: end-of-line = ( cr lf / cr / lf )
LINE_END: Final = re.compile(rb"\r\n|\r|\n")


class Event(NamedTuple):
    """An event as a browser would dispatch it."""

    name: str
    """`message` unless the stream says otherwise."""
    data: str
    identifier: str
    """The last one that the stream gave, which is what Last-Event-ID says after a broken connection."""


class EventReader:
    """Reads one stream. `comments` are counted: they are the sign of life of a silent server."""

    def __init__(self) -> None:
        self._buffer = b""
        self._begun = False
        self._name = ""
        self._data: list[str] = []
        self._identifier = ""
        self.comments = 0
        self.retry = 0.0
        """Seconds that the server wants a client to wait before it comes back; 0 if it has not said."""

    def feed(self, content: bytes) -> list[Event]:
        """The events that these bytes complete. Raises MalformedReply."""
        *lines, self._buffer = self._lines(self._buffer + content)
        if len(self._buffer) > EVENT_LIMIT:
            raise MalformedReply("an event is longer than 1 MiB")
        try:
            events = [self._line(line.decode()) for line in lines]
        except UnicodeDecodeError:
            raise MalformedReply("the stream is not UTF-8") from None
        return [event for event in events if event]

    def _lines(self, data: bytes) -> list[bytes]:
        """The complete lines, and what has begun after them. A CR at the end may be half of a line's end."""
        if not self._begun:
            if b"\xef\xbb\xbf".startswith(data[:3]) and len(data) < 3:
                return [data]
            self._begun = True
            data = data.removeprefix(b"\xef\xbb\xbf")
        if data.endswith(b"\r"):
            *lines, rest = LINE_END.split(data[:-1])
            return [*lines, rest + b"\r"]
        return LINE_END.split(data)

    def _line(self, line: str) -> Event | None:
        """Section 9.2.6: one line; an empty one dispatches what has been gathered."""
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "":
                self.comments += 1
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._identifier = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry = int(value) / 1000
            case _:
                pass  # "Otherwise: The field is ignored."
        return None

    def _dispatch(self) -> Event | None:
        name, data = self._name or "message", self._data
        self._name, self._data = "", []
        return Event(name, "\n".join(data), self._identifier) if data else None
