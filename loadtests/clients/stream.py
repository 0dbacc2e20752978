"""A room over one response that never ends: server-sent events."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from loadtests.clients.chunks import ContentReader
from loadtests.clients.connection import Connection
from loadtests.clients.events import EventReader
from loadtests.clients.failures import ClosedEarly, ConnectFailed, Failure, MalformedReply
from loadtests.clients.response import HEAD_LIMIT, Head, parse_head
from loadtests.clients.said import Refused, fields, said

if TYPE_CHECKING:
    from loadtests.addresses import Address
    from loadtests.clients.events import Event
    from loadtests.clients.said import Heard

__all__ = ["SILENCE", "StreamClient"]

SILENCE: Final = 45.0
"""Seconds without a byte after which a listener takes its connection for dead: the services send a comment
or a ping every 15 or 20 s."""


class StreamClient:
    """One event stream. Raises Failure when it can't be opened."""

    def __init__(self, address: Address, room: str, after: int, timeout: float) -> None:
        self._connection = Connection(address, timeout)
        self.close = self._connection.close
        self.opened = self._connection.opened
        self.keep_alive = True
        self._events = EventReader()
        self.first_byte = 0
        """When the first bytes of the response arrived, by the performance counter."""
        try:
            self._early = self._open(address, room, after)
        except BaseException:
            self.close()
            raise
        self._connection.expect(SILENCE)

    def hear(self) -> list[Heard]:
        """What comes next. Raises Failure."""
        data, self._early = self._early, b""
        if not data:
            data = self._connection.receive()
            self._connection.expect(SILENCE)
            if not data:
                raise ClosedEarly("the stream ended")
        heard = [self._understand(event) for event in self._events.feed(self._content.feed(data))]
        if self._content.ended and not any(heard):
            raise ClosedEarly("the stream ended")
        return [one for one in heard if one]

    @staticmethod
    def _understand(event: Event) -> Heard | None:
        """Messages are the events without a name; a `problem` is the server's own."""
        if event.name == "problem":
            return Refused(f"the stream says: {fields(event.data).get('code')}")
        if event.name != "message":
            return None
        message = said(fields(event.data))
        if event.identifier != str(message.number):
            raise MalformedReply("an event's id is not its message's number")
        return message

    def _open(self, address: Address, room: str, after: int) -> bytes:
        """Ask, and read the head. Gives what came after it. A browser that comes back says the same."""
        lines = (
            f"GET /rooms/{room}/events HTTP/1.1",
            f"Host: {address}",
            "Accept: text/event-stream",
            "Cache-Control: no-store",
            f"Last-Event-ID: {after}",
            "",
            "",
        )
        self._connection.send("\r\n".join(lines).encode())
        raw = b""
        while b"\r\n\r\n" not in raw:
            data = self._connection.receive()
            self.first_byte = self.first_byte or perf_counter_ns()
            if not data or len(raw) > HEAD_LIMIT:
                raise ConnectFailed("no response to the request for the stream")
            raw += data
        raw, _, rest = raw.partition(b"\r\n\r\n")
        head = parse_head(raw)
        check(head)
        self._content = ContentReader(head.framing)
        return rest


def check(head: Head) -> None:
    """It has to be a stream of events. Raises Failure."""
    kind = dict(head.fields).get(b"content-type", b"").partition(b";")[0].strip().lower()
    if head.status != 200:
        raise ConnectFailed(f"the stream was answered with status {head.status}")
    if kind != b"text/event-stream":
        raise Failure("what should be a stream of events is something else")
