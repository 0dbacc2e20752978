"""WSGI: a server and an application that know nothing of each other but PEP 3333.

One request is one call: ``application(environ, start_response)`` returns an iterable of pieces. An
application may block, so a call is a ``Task`` for the driver's threads; only with ``inline`` is it made at
once, in the loop, which is quicker and holds up all others.
"""

import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from io import BufferedReader, BytesIO, RawIOBase
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from httpd.application import Answer, Consumer, Task
from httpd.errors import ApplicationError
from httpd.request import Request
from httpd.response import TEXT, Response
from httpd.wsgi.environ import Environ, EnvironWriter
from httpd.wsgi.start_response import Start, StartResponse

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Gateway", "WSGIApplication"]

#: Octets of a content that is gathered before they go into a file.
IN_MEMORY = 1 << 20

#: Octets of a content that are worth one of the threads, which then waits for the rest. Who sends less than
#: this, however slowly, costs memory and holds up nobody. What sends fast is here with it at once, and
#: thousands who don't can have us keep some hundred megabytes.
WORTH_A_THREAD = 64 * 1024

WSGIApplication = Callable[[Environ, Start], Iterable[bytes]]


class Gateway:
    """Serves one WSGI application. It is itself an application, as a ``Connection`` wants one."""

    def __init__(
        self,
        application: WSGIApplication,
        write_environ: EnvironWriter,
        *,
        inline: bool = False,
        gather: bool = False,
        exits: bool = False,
        errors: IO[str] | None = None,
    ) -> None:
        """``gather`` a content before the call, where waiting for it would hold up all others.

        ``exits``: what is no Exception, such as SystemExit, is for who runs the loop. Elsewhere it would only
        take the other connections with it, or a thread of the pool, and is an error like any other.
        """
        self._application = application
        self._write_environ = write_environ
        self._inline = inline
        self._gather = gather
        self._failures = Exception if exits else BaseException
        self._errors = errors or sys.stderr

    def __call__(self, request: Request) -> Answer:
        if request.method == "CONNECT":
            return Response("This is no proxy.\n", HTTPStatus.NOT_IMPLEMENTED, TEXT)
        if self._inline and (content := request.content) is not None:
            return self.call(request, BytesIO(content))
        if self._gather:
            return self._gathered(request)
        if request.content is not None:
            return Call(self, request)
        # Inline there are none to spare: whose thread this is has nothing to do but to wait for the content.
        return StreamingCall(self, request, 0 if self._inline else WORTH_A_THREAD)

    def _gathered(self, request: Request) -> Consumer:
        """Call the application when its content is here, in memory or, if it is much, in a file."""
        with ExitStack() as stack:
            content = stack.enter_context(SpooledTemporaryFile(IN_MEMORY))
            while piece := (yield):
                content.write(piece)
            content.seek(0)
            response = self.call(request, content)
            if response.close is not None:  # its pieces may be made of the content
                stack.callback(response.close)
                response.close = stack.pop_all().close
            return response

    def call(self, request: Request, content: IO[bytes] | BufferedReader) -> Response:
        """Call the application and make a response of what it does.

        Its errors become a traceback, and a 500 or, once a part of its response has gone out, an error of
        the connection's.
        """
        response = StartResponse(request)
        try:
            # Its method, for a call of the object itself goes a longer way.
            result = self._application(self._write_environ(request, content), response.start)
            try:
                response.take(result)
            except BaseException:
                self._close(request, result)
                raise
        except self._failures as error:
            if error is response.broken:
                raise  # the peer has gone while it was written to: no fault of the application
            if not isinstance(error, BrokenOffError):  # else its sender is told why
                self._report(request, error)
            if response.written:
                raise ApplicationError("The application failed in the middle of its response.") from error
            return Response("The application failed. The server's log says how.\n", 500, TEXT)
        if response.pieces is None and response.file is None:
            if type(result) is not list:  # which has nothing to close
                self._close(request, result)
        else:
            response.close = lambda: self._close(request, result)
            if response.pieces is not None:
                response.pieces = self._watch(request, response.pieces)
        return response

    def _watch(self, request: Request, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Hand pieces on.

        If that fails the head has gone out: the error is reported, and the connection broken.
        """
        while True:
            try:
                piece = next(pieces, None)  # `yield from` would close them as well
            except BrokenOffError:
                raise
            except self._failures as error:
                self._report(request, error)
                raise ApplicationError("The application failed in the middle of its response.") from error
            if piece is None:
                return
            yield piece

    def _close(self, request: Request, result: Iterable[bytes]) -> None:
        """PEP 3333: "the server or gateway must call that method upon completion of the current request"."""
        close = getattr(result, "close", None)
        if close is not None:
            try:
                close()
            except BrokenOffError:
                pass  # it would have read more
            except self._failures as error:  # the response is decided; the log is all that is left
                self._report(request, error)

    def _report(self, request: Request, error: BaseException) -> None:
        """Write a traceback to where the application's errors go."""
        self._errors.write(
            f"{request.method} {request.path} failed\n{''.join(traceback.format_exception(error))}"
        )
        self._errors.flush()


class Call(Task):
    """One call of an application that may block, when the content is here."""

    __slots__ = ("_gateway", "_request")

    def __init__(self, gateway: Gateway, request: Request) -> None:
        self.response = None
        self._gateway = gateway
        self._request = request

    def run(self) -> None:
        self.response = self._gateway.call(self._request, self.content())
        self.response.blocking = True  # what it makes piece by piece may be made of the content

    def content(self) -> IO[bytes] | BufferedReader:
        """Return what the application reads."""
        return BytesIO(self._request.content or b"")


class BrokenOffError(OSError):
    """The content ends before its end, or can't be read on: no fault of the application that reads it."""


class StreamingCall(Call):
    """The same while the content is on its way."""

    __slots__ = ("_ended", "_failure", "_pieces", "worth")

    def __init__(self, gateway: Gateway, request: Request, worth: int) -> None:
        super().__init__(gateway, request)
        self.worth = worth
        self._pieces: deque[bytes] = deque()
        self._ended = False
        self._failure: Exception | None = None

    def content(self) -> IO[bytes] | BufferedReader:
        return BufferedReader(Content(self)) if self._request.content is None else super().content()

    def feed(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
        else:
            self._ended = True

    def fail(self, reason: Exception) -> None:
        self._failure = reason

    def take(self) -> bytes:
        """Return the next piece of the content when it is here; at its end ``b""``. Blocks."""
        while not self._pieces:
            if self._failure is not None:
                raise BrokenOffError(f"the content broke off: {self._failure}")
            if self._ended:
                return b""
            try:
                self._request.peer.pull()
            except OSError as error:
                raise BrokenOffError(f"the content broke off: {error}") from error
        return self._pieces.popleft()


class Content(RawIOBase):
    """``wsgi.input`` of a content that is still on its way.

    ``BufferedReader`` makes lines and long reads of it.
    """

    def __init__(self, call: StreamingCall) -> None:
        super().__init__()
        self._call = call
        self._piece = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        piece = self._piece or self._call.take()
        view = memoryview(buffer).cast("B")
        size = min(len(piece), len(view))
        view[:size] = piece[:size]
        self._piece = piece[size:]
        return size
