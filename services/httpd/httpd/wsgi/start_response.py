"""start_response, and the response that a WSGI application makes with it (PEP 3333, "The
start_response() Callable").
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from http import HTTPStatus
from itertools import chain
from types import TracebackType
from typing import IO

from httpd.errors import ApplicationError
from httpd.grammar import TOKEN
from httpd.request import Request
from httpd.response import STATUS_LINES, WITHOUT_CONTENT, File, Response, status_line

__all__ = ["FileWrapper", "StartResponse"]

Headers = list[tuple[str, str]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
Write = Callable[[bytes], object]

#: Statuses as most applications write them.
STATUSES = {
    f"{status.value} {status.phrase}": (status.value, STATUS_LINES[status.value])
    for status in HTTPStatus
    if status >= HTTPStatus.OK
}

# PEP 3333: "the status argument is a status string, like '200 OK'". None of 1xx: such a response announces
# another one (RFC 9110 section 15.2), for which the peer would wait.
STATUS = re.compile(r"([2-9][0-9]{2})(?: (.*))?")

#: What may be in the field lines of a response, together: their values, and a CR and a LF at the end of each.
FIELD_OCTETS = re.compile(r"[\t\r\n\x20-\x7e\x80-\xff]*+")

#: Fields about the connection are the server's affair (PEP 3333, "Other HTTP Features"): they are left out.
#: So is Content-Length, which comes back when the response is framed.
SERVERS_OWN = frozenset(
    {
        "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


class FileWrapper:
    """``wsgi.file_wrapper``:

    An open file as an iterable, which the gateway hands to the kernel where it can.
    """

    def __init__(self, filelike: IO[bytes], block_size: int = 8192) -> None:
        self.filelike = filelike
        self.block_size = block_size
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.filelike.read(self.block_size), b"")


class StartResponse:
    """What one call of the application is given to begin its response."""

    __slots__ = ("_headers", "_over", "_request", "_status", "_taken", "broken", "written")

    def __init__(self, request: Request) -> None:
        self._request = request
        self._status: str | None = None
        self._headers: Headers = []
        self._taken = False  # the head is settled
        self._over = False  # the application has returned
        self.written: Response | None = None  # of which write() has sent a part
        self.broken: OSError | None = None  # why it could not

    def __call__(self, status: str, headers: Headers, exc_info: ExcInfo | None = None) -> Write:
        """Begin, or with ``exc_info`` begin anew.

        Returns ``write``.
        """
        if exc_info:
            try:
                if self._taken and exc_info[1] is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # it holds this frame, which holds it
        elif self._status is not None:
            raise ApplicationError("start_response was called again, without exc_info.")
        self._status = status
        self._headers = headers
        return self.write

    def write(self, piece: bytes) -> None:
        """Send a piece, after the head if it is the first. PEP 3333 wants it with the client, or on its way,
        before the application goes on: the kernel has it when this returns.
        """
        if self._over:
            raise ApplicationError("write() was called after the application had returned.")
        if not isinstance(piece, bytes):
            raise ApplicationError(f"write() takes bytes, not {type(piece).__name__}.")
        response = self.written
        if response is None:
            response = self._begin(b"")
            response.pieces, response.plain = iter(()), False
            self.written = response
        try:
            self._request.connection.push(self._request, response, piece)
        except OSError as error:
            self.broken = error
            raise

    def take(self, result: Iterable[bytes]) -> Response:
        """Make a response of what the application returned.

        Its pieces, if it has any, are asked for the first only.
        """
        if self.written is not None:
            self._over = True
            self.written.pieces = iter(result)
            return self.written
        pieces: Iterator[bytes] | None = None
        file: File | None = None
        content = b""
        if isinstance(result, (list, tuple)):
            content = b"".join(result)
        elif not isinstance(result, FileWrapper) or (file := as_file(result.filelike)) is None:
            pieces = iter(result)
            # The application may call start_response, or write, as late as here.
            content = next(filter(None, pieces), b"")
            if not isinstance(content, bytes):
                raise ApplicationError(f"The application yields bytes, not {type(content).__name__}.")
            if self.written is not None:
                self._over = True
                self.written.pieces = chain((content,), pieces)
                return self.written
        self._over = True
        response = self._begin(content)
        if pieces is not None and len(content) != response.length:
            response.pieces = pieces
        response.file = file
        hold_to_length(response, self._request.method)
        return response

    def _begin(self, content: bytes) -> Response:
        """Write the head. From here on it can't be changed."""
        if self._status is None:
            raise ApplicationError("The application did not call start_response.")
        response = Response(content, 200, "")
        response.status, response.line = STATUSES.get(self._status) or read_status(self._status)
        lines = []
        for name, value in self._headers:
            special = read_name(name)
            if special not in SERVERS_OWN:
                lines.append(name + ": " + value + "\r\n")
                if special:
                    response.dated = True
            elif special == "content-length":
                response.length = read_length(value)
            elif special == "connection" and value.lower() == "close":
                response.keep_alive = False
        text, ends = "".join(lines), len(lines)
        if text.count("\r") != ends or text.count("\n") != ends or not FIELD_OCTETS.fullmatch(text):
            raise ApplicationError("A field of the response has an octet in it that no field may have.")
        response.fields = text.encode("latin-1")
        self._taken = True
        return response


def hold_to_length(response: Response, method: str) -> None:
    """Hold the content to its length, where both are known; note whether the response is a plain one."""
    file, length = response.file, response.length
    if file is not None:
        file.size = response.length = file.size if length is None else min(length, file.size)
    elif method == "HEAD" and length is None and not response.content:
        response.pieces = response.pieces or iter(())  # the content is left out: nobody knows GET's length
    elif response.pieces is None and length is not None and length != len(response.content):
        if length < len(response.content):
            response.content = response.content[:length]
        elif method != "HEAD" and response.status not in WITHOUT_CONTENT:
            raise ApplicationError(
                f"The content is {len(response.content)} octets long, its Content-Length is {length}."
            )
    response.plain = (
        response.pieces is None
        and file is None
        and not response.dated
        and response.keep_alive
        and response.status not in WITHOUT_CONTENT
    )


@lru_cache(maxsize=1024)
def read_name(name: str) -> str:
    """Check a field's name. Return it in lower case if it means something here, else ""."""
    if not TOKEN.fullmatch(name):
        raise ApplicationError(f"{name!r} is no name of a field.")
    lower = name.lower()
    return lower if lower == "date" or lower in SERVERS_OWN else ""


def read_status(text: str) -> tuple[int, bytes]:
    """Read a status with a reason phrase of the application's own, or none."""
    match = STATUS.fullmatch(text)
    if match is None:
        raise ApplicationError(f"{text!r} is no status, as in '200 OK'.")
    return int(match[1]), status_line(int(match[1]), match[2] or "")


def read_length(text: str) -> int:
    """Read a Content-Length that the application gave."""
    if not text.isascii() or not text.isdigit():
        raise ApplicationError(f"{text!r} is no Content-Length.")
    return int(text)


def as_file(filelike: IO[bytes]) -> File | None:
    """See what is wrapped as a file that the kernel can send;

    None if it is none, as something in memory, or a pipe.
    """
    try:
        descriptor, offset = filelike.fileno(), filelike.tell()
        status = os.fstat(descriptor)
    except (AttributeError, OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return File(descriptor, offset, max(status.st_size - offset, 0), leave_open)


def leave_open() -> None:
    """The application's iterable closes its own file."""
