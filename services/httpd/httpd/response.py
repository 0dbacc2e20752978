"""A response, and its head as octets (RFC 9112 section 4, RFC 9110 section 8 and 15).

The rule of this file: a response that could be read as two can't be built. Every name is a token and no
value holds a control character, whoever made it.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus

from httpd.errors import ApplicationError
from httpd.grammar import FIELD_VALUE, TOKEN

__all__ = ["DateLine", "File", "Response", "field_line", "status_line"]

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"

#: Responses that have no content whatever their fields say (RFC 9112 section 6.3, rule 1).
WITHOUT_CONTENT = frozenset({*range(100, 200), 204, 304})

STATUS_LINES: Mapping[int, bytes] = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode("latin-1") for status in HTTPStatus
}


def status_line(status: int, phrase: str) -> bytes:
    """Write a status-line with a reason phrase of one's own. RFC 9112 section 4: status-code = 3DIGIT."""
    if not 100 <= status <= 999 or not FIELD_VALUE.fullmatch(phrase):
        raise ApplicationError(f"{status} {phrase!r} is no status.")
    return f"HTTP/1.1 {status} {phrase}\r\n".encode("latin-1")


def field_line(name: str, value: str) -> str:
    """Write one field line, with its CRLF.

    Raises ``ApplicationError`` for one that could be read as something else.
    """
    if not TOKEN.fullmatch(name) or not FIELD_VALUE.fullmatch(value):
        raise ApplicationError(f"{name!r}: {value!r} is no field line.")
    return f"{name}: {value}\r\n"


class DateLine:
    """The Date field (RFC 9110 section 6.6.1), formatted when its second changes.

    Any number of threads may call it.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._cached = (0, b"")

    def read(self) -> bytes:
        """Return the line as it is now."""
        second, line = self._cached
        if not second <= (now := self._clock()) < second + 1:
            second = int(now)
            line = f"Date: {formatdate(second, usegmt=True)}\r\n".encode()
            self._cached = (second, line)
        return line


class File:
    """Part of an open file as a response's content. The connection that sends it closes it."""

    __slots__ = ("close", "descriptor", "offset", "size")

    def __init__(self, descriptor: int, offset: int, size: int, close: Callable[[], None]) -> None:
        self.descriptor, self.offset, self.size, self.close = descriptor, offset, size, close


class Response:
    """What a handler answers: content at once, in pieces, or from a file."""

    __slots__ = (
        "blocking", "close", "content", "dated", "fields", "file", "keep_alive", "length", "line", "pieces",
        "plain", "status",
    )  # fmt: skip

    def __init__(self, content: bytes | str = b"", status: int = 200, content_type: str = HTML) -> None:
        self.status = status
        self.line = STATUS_LINES[status]
        self.fields = (
            CONTENT_TYPES[content_type] if content_type in CONTENT_TYPES else content_type_line(content_type)
        )
        self.content = content.encode() if isinstance(content, str) else content
        self.plain = status not in WITHOUT_CONTENT  # and has its content at once: no pieces, no file
        self.keep_alive = True
        self.dated = False  # the application has set Date itself
        self.length: int | None = None  # of pieces, where it is known
        self.pieces: Iterator[bytes] | None = None
        self.blocking = False  # the next piece may keep us waiting
        self.file: File | None = None
        #: Called once, when the pieces are over or nobody wants them any more.
        self.close: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"<Response {self.status}>"

    @classmethod
    def stream(
        cls, pieces: Iterable[bytes], status: int = 200, content_type: str = HTML, length: int | None = None
    ) -> "Response":
        """Answer with pieces, sent as the peer takes them.

        ``length`` is their sum, if it is known beforehand.
        """
        response = cls(b"", status, content_type)
        response.pieces = iter(pieces)
        response.close = getattr(pieces, "close", None)
        response.length = length
        response.plain = False
        return response

    @classmethod
    def send_file(cls, file: File, status: int = 200, content_type: str = HTML) -> "Response":
        """Answer with part of a file, which the kernel sends where it can."""
        response = cls(b"", status, content_type)
        response.file = file
        response.length = file.size
        response.plain = False
        return response

    def add(self, name: str, value: str) -> "Response":
        """Add a field line; return the response, so that calls can be chained."""
        self.fields += field_line(name, value).encode("latin-1")
        return self

    def end(self) -> None:
        """Give back what the content holds:

        A file, an application's iterable. Calling it again does nothing.
        """
        file, self.file = self.file, None
        close, self.close = self.close, None
        self.pieces = None
        if file is not None:
            file.close()
        if close is not None:
            close()

    def head(self, date: bytes, framing: bytes, connection: bytes) -> bytes:
        """Write the head. The connection knows how it is framed and whether it goes on."""
        return b"".join((self.line, b"" if self.dated else date, self.fields, framing, connection, b"\r\n"))


def content_type_line(content_type: str) -> bytes:
    """Write the Content-Type field, or nothing for an empty one."""
    return field_line("Content-Type", content_type).encode("latin-1") if content_type else b""


#: Spares the check of what is known to be right.
CONTENT_TYPES = {
    name: content_type_line(name)
    for name in ("", HTML, TEXT, "text/plain", "application/json", "application/octet-stream")
}
