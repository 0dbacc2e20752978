"""uvicorn's HTTP protocol, with a bound on everything that one client can have us hold, and on its patience.

uvicorn parses all that it has read before the first request is answered, keeps field lines without limit, in
trailers too, and waits for a head for ever; Django reads all content before it looks at the path. They are
made to stand behind a proxy that allows none of these. This protocol also stands alone.
"""

import asyncio
import resource
from collections import deque
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from realtime import limits
from realtime.protocol import WebSocketProtocol

__all__ = ["HTTPProtocol"]


Waiting = tuple["HTTPProtocol", RequestResponseCycle, ASGI3Application]


class RefusedError(Exception):
    """Out of one of the parser's callbacks: what came is past a limit."""


class Flow(FlowControl):
    """Reading goes on when no request has a reason to pause it, and nothing waits to be parsed."""

    held = False

    def resume_reading(self) -> None:
        """Unless something waits to be parsed."""
        if not self.held:
            super().resume_reading()


class HTTPProtocol(HttpToolsProtocol):
    """As uvicorn's, but it parses a portion at a time, and gives up on whoever is too much or too slow."""

    #: The connections of this process that no request is being answered on, the longest idle first.
    idle: ClassVar[dict["HTTPProtocol", None]] = {}

    #: The requests of this process that wait to be begun: those that came first on their connection, and
    #: those that came together with one before.
    first: ClassVar[deque[Waiting]] = deque()
    following: ClassVar[deque[Waiting]] = deque()

    #: How many have been begun in this turn of the loop, and whether the next one is to begin others.
    begun: ClassVar[int] = 0
    turning: ClassVar[bool] = False

    flow: Flow

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.waiting = b""
        #: Has something been answered since the client last said something of its own accord?
        self.answered = False
        self.going_on: asyncio.Handle | None = None
        self.patience: asyncio.TimerHandle | None = None
        self.fields = 0
        self.content = 0
        #: Bytes since the last that was content, or the end of a head or of a message.
        self.overhead = 0
        self.refusal = HTTPStatus.BAD_REQUEST
        self.stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a head; make room for it first where descriptors are scarce."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(limits.WRITE_BUFFER)
        self.flow = Flow(transport)
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - limits.SPARE_DESCRIPTORS
        if self.idle and len(self.connections) > most:
            oldest = next(iter(self.idle))
            del self.idle[oldest]  # the next one is another's, though this one is only gone in the next turn
            oldest.transport.abort()
        self.idle[self] = None
        self.wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.forget()
        super().connection_lost(exc)

    def forget(self) -> None:
        """Nothing is waited for on this connection any more."""
        self.idle.pop(self, None)
        self.waiting = b""
        for timer in (self.patience, self.going_on):
            if timer:
                timer.cancel()
        self.patience = self.going_on = None

    # --- a portion at a time --------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parse it, or keep it until it is its turn. What is kept is what one read has brought, no more."""
        if not self.waiting and not self.pipeline:
            self.answered = False
        if self.waiting:
            self.waiting += data
        elif len(data) <= limits.HEAD_PORTION:
            self.parse(data)
        else:
            self.waiting = data
            self.flow.held = True
            self.flow.pause_reading()
            self.go_on()

    def go_on(self) -> None:
        """Parse a piece of what waits, and leave the next to another turn of the loop, after others."""
        self.going_on = None
        portion, self.waiting = self.waiting[: limits.HEAD_PIECE], self.waiting[limits.HEAD_PIECE :]
        self.parse(portion)
        if not self.waiting:
            self.flow.held = False
            if not self.pipeline and not self.transport.is_closing():
                self.flow.resume_reading()
        elif not self.pipeline:
            self.going_on = self.loop.call_soon(self.go_on)

    def parse(self, data: bytes) -> None:
        """As uvicorn does, and see what has become of it."""
        self.overhead += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            self.forget()
        elif self.transport.get_protocol() is not self:  # a WebSocket's from now on
            self.forget()
            self.flow.held = False
            self.flow.resume_reading()
        elif self.overhead > limits.FIELD_BYTES:
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_response_complete(self) -> None:
        """The next request, out of what waits if none has been parsed yet."""
        self.answered = True
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self.patience:  # it could not have been read before: its time begins now
            self.patience.cancel()
            self.patience = None
            self.wait_for_head()
        if self.waiting and not self.pipeline and self.going_on is None:
            self.going_on = self.loop.call_soon(self.go_on)
        elif not self.pipeline:
            self.idle[self] = None

    # --- a few requests a turn ------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """Answer what is asked, and one request more if it is on its way: the server stops.

        uvicorn closes a connection that is idle at once, and with it the request that was sent meanwhile.
        """
        self.stopping = True
        if self.is_idle():
            self.loop.call_later(limits.QUIET_SECONDS, self.leave)
        else:
            self.cycle.keep_alive = False

    def leave(self) -> None:
        """Close, if nothing is being answered."""
        protocol = self.transport.get_protocol()
        if isinstance(protocol, WebSocketProtocol):  # which it has become meanwhile
            protocol.shutdown()
        elif self.is_idle():
            self.transport.close()

    def is_idle(self) -> bool:
        """Is no request being answered?"""
        return self.cycle is None or self.cycle.response_complete

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begin it in this turn of the loop, or have it wait for one of the next.

        Who sends a hundred requests at once has one of them begun like anybody else's. The others wait until
        there is time.
        """
        if self.stopping:
            cycle.keep_alive = False
        if not self.answered and HTTPProtocol.begun < limits.STARTS:
            self.begin(cycle, app)
        else:
            (self.following if self.answered else self.first).append((self, cycle, app))
            self.turn()

    def begin(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Give it a task, unless its client has gone meanwhile."""
        if not cycle.disconnected:
            HTTPProtocol.begun += 1
            self.turn()
            super()._start_asgi_task(cycle, app)

    def turn(self) -> None:
        """See to it that the next turn of the loop begins what waits."""
        if not HTTPProtocol.turning:
            HTTPProtocol.turning = True
            self.loop.call_soon(self.begin_others)

    def begin_others(self) -> None:
        """Another turn of the loop."""
        HTTPProtocol.begun, HTTPProtocol.turning = 0, False
        for queue, most in ((self.first, limits.STARTS), (self.following, limits.FOLLOWING)):
            for _ in range(min(len(queue), most)):
                protocol, cycle, app = queue.popleft()
                protocol.begin(cycle, app)
        if self.first or self.following:
            self.turn()

    # --- what is too much, and too slow ---------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.fields = self.content = 0
        self.wait_for_head()

    def on_url(self, url: bytes) -> None:
        """A piece of the request-target. RFC 9110, section 15.5.15: 414."""
        super().on_url(url)
        if len(self.url) > limits.TARGET_BYTES:
            self.refusal = HTTPStatus.REQUEST_URI_TOO_LONG
            raise RefusedError

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field line, of a head or of a trailer. RFC 6585, section 5: 431."""
        super().on_header(name, value)
        self.fields += 1
        if self.fields > limits.FIELDS:
            self.refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise RefusedError

    def on_headers_complete(self) -> None:
        """The head is there, and in time."""
        self.overhead = 0
        if self.patience:
            self.patience.cancel()
            self.patience = None
        self.idle.pop(self, None)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Content. RFC 9110, section 15.5.14: 413."""
        self.overhead = 0
        self.content += len(body)
        if self.content > limits.CONTENT_BYTES:
            self.refusal = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise RefusedError
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of a request."""
        self.overhead = 0
        super().on_message_complete()

    def wait_for_head(self) -> None:
        """RFC 9110, section 15.5.9: 408 when it does not come in time."""
        if self.patience is None:
            self.patience = self.loop.call_later(settings.HEAD_SECONDS, self.lose_patience)

    def lose_patience(self) -> None:
        """Unless it is us who are late: what follows may wait until the response before it is complete."""
        self.patience = None
        if self.waiting or (self.cycle and not self.cycle.response_complete):
            self.wait_for_head()
        else:
            self.refuse(HTTPStatus.REQUEST_TIMEOUT)

    def refuse(self, status: HTTPStatus) -> None:
        """Answer a request that has not become one, and close."""
        self.refusal = status
        self.send_400_response(status.phrase)

    def send_400_response(self, msg: str) -> None:
        """Whatever the refusal is. In the middle of another response there is no place for one."""
        if self.transport.is_closing():
            return
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not (cycle.response_started or self.pipeline):
            text = f"{msg if self.refusal is HTTPStatus.BAD_REQUEST else self.refusal.phrase}.\n".encode()
            head = (
                f"HTTP/1.1 {self.refusal.value} {self.refusal.phrase}\r\n"
                "content-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(text)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + text)
        if cycle and not cycle.response_complete:  # its application need not go on
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()
        self.forget()
