"""A WebSocket that gets its turn and no more: what one client sends neither piles up nor holds up others."""

import asyncio
from typing import TYPE_CHECKING

from websockets.frames import CloseCode

from realtime import limits
from realtime.protocol import WebSocketProtocol

if TYPE_CHECKING:
    from asyncio.transports import BaseTransport

    from uvicorn._types import ASGIReceiveEvent
    from websockets.frames import Frame

__all__ = ["FairWebSocketProtocol"]


class FairWebSocketProtocol(WebSocketProtocol):
    """Parses a portion at a time, and nothing while the client does not read our answers.

    uvicorn parses whatever one read brings, thousands of frames perhaps, before anybody else has a turn, and
    answers pings into a buffer without a bound.
    """

    waiting = b""
    going_on: asyncio.Handle | None = None

    def connection_made(self, transport: "BaseTransport") -> None:
        """Keep little for a client that does not read."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(limits.WRITE_BUFFER)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what waits."""
        self.waiting = b""
        if self.going_on:
            self.going_on.cancel()
        super().connection_lost(exc)

    # Each way on which reading goes on, in uvicorn, is one on which what waits comes first here.

    def data_received(self, data: bytes) -> None:
        """Parse it, or keep it until it is its turn. What is kept is what one read has brought, no more."""
        if self.waiting:
            self.waiting += data
        elif len(data) <= limits.PORTION:
            super().data_received(data)
        else:
            self.waiting = data
            self.go_on()

    def go_on(self) -> None:
        """Parse a portion of what waits; the next is for another turn of the loop, after others."""
        self.going_on = None
        portion, self.waiting = self.waiting[: limits.PORTION], self.waiting[limits.PORTION :]
        super().data_received(portion)
        if not self.transport.is_closing():
            self.read_or_wait()

    def read_or_wait(self) -> None:
        """Read on if nothing waits, nobody is behind, and the client takes what it is sent."""
        behind = self.read_paused or not self.writable.is_set()
        if behind or self.waiting:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()
        if self.waiting and not behind and self.going_on is None:
            self.going_on = self.loop.call_soon(self.go_on)

    async def receive(self) -> "ASGIReceiveEvent":
        """The next event; the application has taken one."""
        event = await super().receive()
        if not self.transport.is_closing() and (self.waiting or not self.writable.is_set()):
            self.read_or_wait()
        return event

    def pause_writing(self) -> None:
        """The client does not read: neither do we."""
        super().pause_writing()
        if not self.transport.is_closing():
            self.read_or_wait()

    def resume_writing(self) -> None:
        """It has read."""
        super().resume_writing()
        if not self.transport.is_closing():
            self.read_or_wait()

    def handle_cont(self, event: "Frame") -> None:
        """Another piece of a message, of which there may be so many."""
        if len(self.frames) < limits.FRAGMENTS:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(CloseCode.POLICY_VIOLATION, "too many fragments")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()
