"""WSGI: a server and an application that know nothing of each other but PEP 3333.

One request is one call: ``application(environ, start_response)`` returns an iterable of pieces. An
application may block, so a call is a ``Task`` for the driver's threads; only with ``inline`` is it made at
once, in the loop, which is quicker and holds up all others.
"""

import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from io import BufferedReader, BytesIO, RawIOBase
from typing import IO, TYPE_CHECKING

from httpd.application import Answer, Task
from httpd.environ import Environ, EnvironWriter
from httpd.errors import ApplicationError
from httpd.request import Request
from httpd.response import TEXT, Response
from httpd.start_response import StartResponse

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Gateway", "WSGIApplication"]

WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


class Gateway:
    """Serves one WSGI application. It is itself an application, as a ``Connection`` wants one."""

    def __init__(
        self,
        application: WSGIApplication,
        write_environ: EnvironWriter,
        *,
        inline: bool = False,
        errors: IO[str] | None = None,
    ) -> None:
        self._application = application
        self._write_environ = write_environ
        self._inline = inline
        self._errors = errors or sys.stderr

    def __call__(self, request: Request) -> Answer:
        if request.method == "CONNECT":
            return Response("This is no proxy.\n", HTTPStatus.NOT_IMPLEMENTED, TEXT)
        if self._inline and request.content is not None:
            return self.call(request, BytesIO(request.content))
        return Call(self, request)

    def call(self, request: Request, content: IO[bytes] | BufferedReader) -> Response:
        """Call the application and make a response of what it does.

        Its errors become a 500 and a traceback.
        """
        start_response = StartResponse()
        try:
            result = self._application(self._write_environ(request, content), start_response)
            try:
                response = start_response.take(result, request.method)
            except BaseException:
                self._close(request, result)
                raise
        except Exception as error:  # noqa: BLE001 - an application may raise anything
            self._report(request, error)
            return Response("The application failed. The server's log says how.\n", 500, TEXT)
        if response.pieces is None and response.file is None:
            self._close(request, result)
        else:
            response.close = lambda: self._close(request, result)
            if response.pieces is not None:
                response.pieces = self._watch(request, response.pieces)
                response.blocking = not self._inline
        return response

    def _watch(self, request: Request, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Hand pieces on.

        If that fails the head has gone out: the error is reported, and the connection broken.
        """
        try:
            while (piece := next(pieces, None)) is not None:  # `yield from` would close them as well
                yield piece
        except Exception as error:
            self._report(request, error)
            raise ApplicationError("The application failed in the middle of its response.") from error

    def _close(self, request: Request, result: Iterable[bytes]) -> None:
        """PEP 3333: "the server or gateway must call that method upon completion of the current request"."""
        close = getattr(result, "close", None)
        if close is not None:
            try:
                close()
            except Exception as error:  # noqa: BLE001 - the response is decided; the log is all that is left
                self._report(request, error)

    def _report(self, request: Request, error: Exception) -> None:
        """Write a traceback to where the application's errors go."""
        self._errors.write(
            f"{request.method} {request.path} failed\n{''.join(traceback.format_exception(error))}"
        )
        self._errors.flush()


class Call(Task):
    """One call of an application that may block, and the content on its way to it."""

    __slots__ = ("_ended", "_failure", "_gateway", "_pieces", "_request")

    def __init__(self, gateway: Gateway, request: Request) -> None:
        super().__init__()
        self._gateway = gateway
        self._request = request
        self._pieces: deque[bytes] = deque()
        self._ended = False
        self._failure: Exception | None = None

    def run(self) -> None:
        request = self._request
        content = BufferedReader(Content(self)) if request.content is None else BytesIO(request.content)
        self.response = self._gateway.call(request, content)

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
                raise OSError(f"the content broke off: {self._failure}")
            if self._ended:
                return b""
            self._request.peer.pull()
        return self._pieces.popleft()


class Content(RawIOBase):
    """``wsgi.input`` of a content that is still on its way.

    ``BufferedReader`` makes lines and long reads of it.
    """

    def __init__(self, call: Call) -> None:
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
