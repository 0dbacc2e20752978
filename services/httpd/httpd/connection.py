"""One peer's connection: its requests in order, each with its answer (RFC 9112 section 9).

This is the protocol that ``serving`` drives. It has three states, and each is a method that takes what
comes next:

- between two messages or in a head: ``_reading`` is None or ``_read_head``;
- in a content: ``_reading`` is ``_read_content``, or ``_discard`` when nobody wants the rest;
- in an answer that goes out bit by bit: ``_step`` is what ``resumed`` goes on with (see ``sender``).

One request is in flight at a time. What the peer sends ahead of its turn waits in ``_ahead``, and in the
peer's own buffers.
"""

from collections.abc import Callable, Generator, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from serving.counters import Count
from serving.protocol import FileSlice, Output, Peer, Waiting

from httpd.application import Answer, Consumer, Task
from httpd.content import ChunkedReader, LengthReader
from httpd.errors import ApplicationError, Refusal
from httpd.framing import CHUNKED
from httpd.head import WINDOW, HeadReader, read_quickly
from httpd.request import Request
from httpd.response import TEXT, Response
from httpd.sender import Sender
from httpd.writer import write_plain, write_refusal

if TYPE_CHECKING:
    from httpd.service import Service

__all__ = ["Connection"]

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

#: Answers to pipelined requests that go out together, before their peer has taken any of them.
MOST_ANSWERS = 16

IDLE = Waiting.IDLE
REQUESTS = int(Count.REQUESTS)


class Connection(Sender):
    """HTTP/1.1 with one peer: the half that reads."""

    __slots__ = (
        "_ahead", "_consumer", "_content", "_discarded", "_gathered", "_head", "_held", "_peer", "_reading",
        "_refusal", "_request", "_service",
    )  # fmt: skip

    def __init__(self, service: "Service", peer: Peer) -> None:
        super().__init__(peer)
        self._service = service
        self._peer = peer
        self._ahead: bytes | memoryview = b""  # octets of requests whose turn has not come
        self._held: list[bytes | memoryview | FileSlice] | None = None  # answers that are to go out together
        self._reading: Callable[[bytes], Output] | None = None
        # Of the request that is being read:
        self._head: HeadReader | None = None
        self._request: Request | None = None
        self._content: LengthReader | ChunkedReader | None = None  # that has not ended
        self._discarded = 0  # octets of a content that nobody wants
        self._consumer: Consumer | Task | None = None
        self._gathered: bytearray | None = None  # for a task that does not run yet
        self._refusal: Refusal | None = None  # of a content that a task is waiting for

    # --- what the driver calls ------------------------------------------------------------------

    def received(self, data: bytes) -> Output:
        output = self._serve(data) if self._reading is None else self._reading(data)
        return self._serve_ahead(output) if self._ahead and self.waiting is IDLE else output

    def resumed(self) -> Output:
        step, self._step = self._step, None
        output = b"" if step is None else step()
        return self._serve_ahead(output) if self._ahead and self.waiting is IDLE else output

    def ended(self) -> Output:
        return self._give_up(Refusal(HTTPStatus.BAD_REQUEST, "The connection ended before the request did."))

    def expired(self) -> Output:
        return self._give_up(
            Refusal(HTTPStatus.REQUEST_TIMEOUT, "The rest of the request did not come in time.")
        )

    def stopping(self) -> Output:
        self.last = True
        return b""

    def closed(self) -> None:
        self._forget()

    # --- requests ------------------------------------------------------------------

    def _serve(self, data: bytes | memoryview) -> Output:
        """Answer the request that ``data`` begins with; what comes after it waits in ``_ahead``."""
        try:
            found = read_quickly(str(data[:WINDOW], "latin-1"), self._service.limits)
            if found is None:
                self._head = HeadReader(self._service.limits)
                self._reading = self._read_head
                return self._read_head(data)
            request, end = found
            if request.length:
                if not 0 < request.length <= len(data) - end:
                    return self._begin_content(request, bytes(data[end:]))
                start, end = end, end + request.length
                request.content = bytes(data[start:end])
            if end < len(data):
                self._ahead = memoryview(data)[end:]
            return self._answer(request)
        except Refusal as refusal:
            return self._refuse(refusal)

    def _serve_ahead(self, first: Output) -> Output:
        """Answer what was sent ahead of its turn, a bounded number of requests at a time."""
        outputs = self._held = [*together(first)]
        for _ in range(MOST_ANSWERS):
            data, self._ahead = self._ahead, b""
            outputs += together(self._serve(data))
            if not self._ahead or self.waiting is not IDLE:
                break
        else:
            self.waiting = Waiting.SENT
            self._step = self._go_on
        self._held = None
        return outputs

    def _go_on(self) -> Output:
        self.waiting = IDLE
        return b""

    def _read_head(self, data: bytes | memoryview) -> Output:
        """Go on with a head that did not come in one piece and the usual shape."""
        head = self._head
        assert head is not None  # noqa: S101 - set together with _reading
        try:
            found = head.read(data)
            if found is None:
                self.waiting = IDLE if head.empty else Waiting.HEAD
                return b""
            self._head = self._reading = None
            request, end = found
            if request.length:
                return self._begin_content(request, bytes(data[end:]))
            self.waiting = IDLE
            self._ahead = memoryview(data)[end:]
            return self._answer(request)
        except Refusal as refusal:
            return self._refuse(refusal)

    def _answer(self, request: Request) -> Output:
        """Have the application answer a request that is here as a whole."""
        service = self._service
        service.board.mine[REQUESTS] += 1
        request.peer, request.connection = self._peer, self
        answer = service.application(request)
        if not isinstance(answer, Response):
            return self._begin_answer(request, answer)
        if answer.plain and self._goes_on(request):
            return write_plain(answer, service.date())
        return self._respond(request, answer)

    def _begin_answer(self, request: Request, answer: Task | Consumer) -> Output:
        """Go on with an answer that takes the content bit by bit, though it is all here;

        Or that may block.
        """
        self._request = request
        if isinstance(answer, Task):
            return self._run(answer)
        response = self._begin_consumer(answer)
        if response is None and request.content:
            response = self._feed(request.content)
        return self._respond(request, response or self._feed_end())

    # --- content ------------------------------------------------------------------

    def _begin_content(self, request: Request, data: bytes) -> Output:
        """Ask the application what to do with a content that is not all here yet."""
        limits = self._service.limits
        self._service.board.mine[REQUESTS] += 1
        self._content = ChunkedReader(limits) if request.length == CHUNKED else LengthReader(request.length)
        self._request = request
        request.peer, request.connection = self._peer, self
        answer: Answer | None = self._service.application(request)
        expected = request.expects_continue and not data
        if isinstance(answer, Generator):
            answer = self._begin_consumer(answer)
        if isinstance(answer, Response):
            # RFC 9110 section 10.1.1: who was not told to continue may send the content or not. Only an end
            # makes that clear.
            self.last = self.last or expected
            self._ahead = data
            return self._respond(request, answer)
        self._reading = self._read_content
        self.waiting = Waiting.CONTENT
        if isinstance(answer, Task):
            self._consumer = answer
            self._gathered = bytearray()
        elif not data:
            return CONTINUE if expected else b""
        return self._read_content(data) or (CONTINUE if expected else b"")

    def _read_content(self, data: bytes) -> Output:
        """Hand a piece of the content on; at its end, take the answer."""
        content, request, consumer = self._content, self._request, self._consumer
        assert content is not None and request is not None  # noqa: S101, PT018 - set together with _reading
        try:
            piece = content.read(data)
        except Refusal as refusal:
            if isinstance(consumer, Task) and self.waiting is Waiting.WORK:
                self._refusal = refusal
                consumer.fail(refusal)
                return b""
            return self._refuse(refusal)
        if content.rest is not None:
            self._ahead = content.rest
            self._content = self._reading = None
        if isinstance(consumer, Task):
            return self._feed_task(consumer, request, piece, ended=content.rest is not None)
        response = self._feed(piece) if piece else None
        if response is None and content.rest is not None:
            response = self._feed_end()
        return b"" if response is None else self._respond(request, response)

    def _feed_task(self, task: Task, request: Request, piece: bytes, *, ended: bool) -> Output:
        """Give a task that runs a piece of the content; run one that waits, if this is enough for it."""
        gathered = self._gathered
        if gathered is None:
            if piece:
                task.feed(piece)
            if ended:
                task.feed(b"")
            return b""
        gathered += piece
        if not ended and len(gathered) < task.worth:
            return b""
        self._gathered = None
        if ended:
            request.content = bytes(gathered)
        elif gathered:
            task.feed(bytes(gathered))
        return self._run(task)

    def _begin_consumer(self, consumer: Consumer) -> Response | None:
        """Have a handler ask for its first piece; return its response if it wants none."""
        self._consumer = consumer
        try:
            next(consumer)
        except StopIteration as stop:
            self._consumer = None
            response: Response = stop.value
            return response
        return None

    def _feed(self, piece: bytes) -> Response | None:
        """Give a handler a piece of the content; return its response if it wants no more."""
        assert isinstance(self._consumer, Generator)  # noqa: S101 - a Task is fed elsewhere
        try:
            self._consumer.send(piece)
        except StopIteration as stop:
            self._consumer = None
            response: Response = stop.value
            return response
        return None

    def _feed_end(self) -> Response:
        response = self._feed(b"")
        if response is None:
            raise ApplicationError("The handler asked for more content than there is.")
        return response

    def _discard(self, data: bytes) -> Output:
        """Read over a content that nobody wants any more, to get to the next request."""
        content = self._content
        assert content is not None  # noqa: S101 - set together with _reading
        self._discarded += len(data)
        try:
            content.read(data)
        except Refusal:
            self.waiting = Waiting.END  # its request has had its answer
            return b""
        if content.rest is not None:
            self._ahead = content.rest
            self._content = self._reading = None
            self.waiting = IDLE
        elif self._discarded > self._service.limits.discarded:
            self.waiting = Waiting.END
        return b""

    # --- answers ------------------------------------------------------------------

    def _run(self, task: Task) -> Output:
        self._consumer = task
        self.work = task.run
        self._step = self._take_answer
        self.waiting = Waiting.WORK
        return b""

    def _take_answer(self) -> Output:
        """The task is done."""
        task, request = self._consumer, self._request
        assert isinstance(task, Task) and request is not None  # noqa: S101, PT018 - _run set them
        response, task.response = task.response, None
        if self._refusal is not None and self._writer is None:
            if response is not None:
                response.end()
            return self._refuse(self._refusal)
        if response is None:
            raise ApplicationError("There is no answer.")
        return self._respond(request, response)

    def _respond(self, request: Request, response: Response) -> Output:
        date = self._service.date()
        if response.plain and self._goes_on(request):
            return self.finish(write_plain(response, date))
        return self.send(request, response, date)

    def _goes_on(self, request: Request) -> bool:
        """Whether an answer with content comes now, and another after it, without a word about that."""
        return request.keep_alive and request.minor > 0 and request.method != "HEAD" and not self.last

    def push(self, request: Request, response: Response, piece: bytes) -> None:
        """Send a piece of a response while the application makes the rest; return when the kernel has it.

        In the thread that makes the response. What was to be answered before goes out before.
        """
        output = self.ahead(request, response, self._service.date(), piece)
        held = self._held or []
        outputs = [*held, output]
        held.clear()
        self._peer.push(outputs)

    def finish(self, output: bytes = b"") -> Output:
        self.end_response()
        # A task is kept until here: what its application makes piece by piece may be made of the content.
        self._request = self._consumer = self.work = None
        if self.last or self._refusal is not None:
            self._ahead = b""
            self.waiting = Waiting.END
        elif self._content is not None:
            self._reading = self._discard
            self.waiting = Waiting.CONTENT
            self._discarded = 0
            data, self._ahead = self._ahead, b""
            if data:
                self._discard(bytes(data))
        else:
            self.waiting = IDLE
        return output

    # --- endings ------------------------------------------------------------------

    def _refuse(self, refusal: Refusal) -> Output:
        """Answer what can't be read, and read no more."""
        self._forget()
        self.last = True
        self.waiting = Waiting.END
        return write_refusal(Response(f"{refusal.reason}\n", refusal.status, TEXT), self._service.date())

    def _give_up(self, refusal: Refusal) -> Output:
        """No more octets will come, or none in time."""
        if self.waiting is Waiting.WORK and self._content is not None and isinstance(self._consumer, Task):
            self._refusal = refusal
            self._consumer.fail(refusal)
        elif self.waiting in (Waiting.WORK, Waiting.SENT):
            pass  # what has come is answered first; the peer may still read
        elif self.waiting is IDLE or (self._head is None and self._consumer is None):
            self.waiting = Waiting.END
        else:
            return self._refuse(refusal)
        return b""

    def _forget(self) -> None:
        """Give back what a request in progress holds."""
        self.end_response()
        consumer, self._consumer = self._consumer, None
        if isinstance(consumer, Generator):
            consumer.close()
        self._reading = self._step = self.work = None
        self._content = self._request = self._head = self._gathered = None
        self._ahead = b""


def together(output: Output) -> Sequence[bytes | memoryview | FileSlice]:
    """See any output as a sequence."""
    return (output,) if isinstance(output, bytes) else output
