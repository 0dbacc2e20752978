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
from httpd.response import STATUS_LINES, WITHOUT_CONTENT, File, Response, field_line, status_line

__all__ = ["FileWrapper", "Start", "StartResponse"]

Headers = list[tuple[str, str]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
Write = Callable[[bytes], object]
Start = Callable[..., Write]

#: Statuses as most applications write them.
STATUSES = {
    f"{status.value} {status.phrase}": (status.value, STATUS_LINES[status.value])
    for status in HTTPStatus
    if status >= HTTPStatus.OK
}

# PEP 3333: "the status argument is a status string, like '200 OK'". None of 1xx: such a response announces
# another one (RFC 9110 section 15.2), for which the peer would wait.
STATUS = re.compile(r"([2-9][0-9]{2})(?: (.*))?")

#: Fields about the connection are the server's affair (PEP 3333, "Other HTTP Features"): they are left out.
#: So is Content-Length, which comes back when the response is framed.
SERVERS_OWN = frozenset(
    {
        "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


#: Fields that an application gives the same few values again and again.
STEADY = frozenset(
    {
        "accept-ranges", "allow", "cache-control", "content-encoding", "content-language",
        "content-security-policy", "content-type", "cross-origin-embedder-policy",
        "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy",
        "referrer-policy", "server", "strict-transport-security", "vary", "x-content-type-options",
        "x-frame-options", "x-powered-by",
    }
)  # fmt: skip

#: Lines of such fields that have been checked once, by name and value. Past so many none is added.
MOST_LINES = 256
LINES: dict[tuple[str, str], bytes] = {}


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


class StartResponse(Response):
    """What one call of the application is given to begin its response, and what becomes that response."""

    __slots__ = ("_head", "_over", "_request", "broken", "written")

    def __init__(self, request: Request) -> None:
        # As Response's own, but for what is known once the application has begun.
        self.content, self.line = b"", b""
        self.keep_alive, self.dated, self.blocking = True, False, False
        self.length = self.pieces = self.file = self.close = None
        self._request = request
        self._head: bytes | None = None  # the status-line that the application wants; empty if it can't be
        self._over = False  # the application has returned
        self.written = False  # write() has sent a part
        self.broken: OSError | None = None  # why it could not

    def start(self, status: str, headers: Headers, exc_info: ExcInfo | None = None) -> Write:
        """Begin, or with ``exc_info`` begin anew. Returns ``write``.

        What is wrong with status or headers is raised here, where the application can still do better.
        """
        if exc_info:
            try:
                if self.line and exc_info[1] is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # it holds this frame, which holds it
            self.length, self.keep_alive, self.dated = None, True, False
        elif self._head is not None:
            raise ApplicationError("start_response was called again, without exc_info.")
        self._head = b""
        self.status, head = STATUSES.get(status) or read_status(status)
        lines = []
        for name, value in headers:
            known = LINES.get((name, value))
            if known is not None:
                lines.append(known)
            elif (lower := read_name(name)) == "content-length":
                self.length = read_length(value)
            elif lower not in SERVERS_OWN:
                lines.append(write_field(name, value, lower))
                self.dated = self.dated or lower == "date"
            elif lower == "connection" and value.lower() == "close":
                self.keep_alive = False
        self.fields = b"".join(lines)
        self._head = head
        return self.write

    def write(self, piece: bytes) -> None:
        """Send a piece, after the head if it is the first. PEP 3333 wants it with the client, or on its way,
        before the application goes on: the kernel has it when this returns.
        """
        if self._over:
            raise ApplicationError("write() was called after the application had returned.")
        if not isinstance(piece, bytes):
            raise ApplicationError(f"write() takes bytes, not {type(piece).__name__}.")
        if not self.written:
            self._settle_head()
            self.pieces, self.plain = iter(()), False
            self.written = True
        try:
            self._request.connection.push(self._request, self, piece)
        except OSError as error:
            self.broken = error
            raise

    def take(self, result: Iterable[bytes]) -> None:
        """Become the response that the application returned.

        Its pieces, if it has any, are asked for the first only.
        """
        if self.written:
            self._over = True
            self.pieces = iter(result)
            return
        pieces: Iterator[bytes] | None = None
        file: File | None = None
        content = b""
        if isinstance(result, (list, tuple)):
            content = b"".join(result)
        elif not isinstance(result, FileWrapper) or (file := as_file(result.filelike)) is None:
            pieces = iter(result)
            # The application may call start_response, or write, as late as here.
            for content in pieces:
                if content:
                    break
            else:
                content = b""
            if not isinstance(content, bytes):
                raise ApplicationError(f"The application yields bytes, not {type(content).__name__}.")
            if self.written:
                self._over = True
                self.pieces = chain((content,), pieces)
                return
        self._over = True
        self._settle_head()
        self.content = content
        if self.length != len(content) or file is not None:  # else all of it is here
            self.pieces, self.file = pieces, file
            self._hold_to_length()

    def _settle_head(self) -> None:
        """Take what start_response was given. Once there is a status-line, that can't be changed."""
        if not self._head:
            raise ApplicationError(
                "The application did not call start_response, or went on after that had failed."
            )
        self.line = self._head
        self.plain = self.keep_alive and not self.dated and self.status not in WITHOUT_CONTENT

    def _hold_to_length(self) -> None:
        """Hold the content to its length, where both are known."""
        file, length, head = self.file, self.length, self._request.method == "HEAD"
        if file is not None:
            file.size = self.length = file.size if length is None else min(length, file.size)
        elif self.pieces is not None:
            pass  # nobody knows yet
        elif length is None:
            if head and not self.content:
                self.pieces = iter(())  # the content is left out: nobody knows GET's length
        elif length < len(self.content):
            self.content = self.content[:length]
        elif not head and self.status not in WITHOUT_CONTENT:
            raise ApplicationError(
                f"The content is {len(self.content)} octets long, its Content-Length is {length}."
            )
        if self.pieces is not None or file is not None:
            self.plain = False


@lru_cache(maxsize=1024)
def read_name(name: str) -> str:
    """Check a field's name. Return it in lower case."""
    if not TOKEN.fullmatch(name):
        raise ApplicationError(f"{name!r} is no name of a field.")
    return name.lower()


def write_field(name: str, value: str, lower: str) -> bytes:
    """Check a field and write its line. Once is enough for what stays the same."""
    line = field_line(name, value).encode("latin-1")
    if lower in STEADY and len(LINES) < MOST_LINES:
        LINES[name, value] = line
    return line


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
