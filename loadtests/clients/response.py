"""HTTP/1.1 responses: bytes in, a response out. No socket, no clock.

RFC 9112 is obeyed strictly, because a load test that forgives a server hides its mistakes: what the grammar
does not allow is MalformedReply. Pipelining is off, so bytes after a response are a mistake too.

A head that is the same, byte for byte, as one before means the same, and at thousands of responses a second
most are (the Date field changes once a second). So heads that were understood are remembered; a server that
puts something new into every head, such as a request identifier, costs a parse each time and is measured just
as well.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from loadtests.clients.failures import ClosedEarly, MalformedReply

__all__ = ["HEAD_LIMIT", "Head", "Response", "ResponseReader"]

HEAD_LIMIT: Final = 64 * 1024
"""Bytes of status-line and field lines: as much as our own servers accept of a request."""

REMEMBERED: Final = 256
"""Heads kept. Four rungs with a few variants each need a dozen; the limit is for servers that never repeat
one."""

# RFC 9112, section 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]
STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9]) [\t \x21-\x7e\x80-\xff]*", re.DOTALL)
# RFC 9110, section 5: field-name = token; RFC 9112, section 5.1: no whitespace before the colon.
FIELD_LINE: Final = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([^\x00\r\n]*)", re.DOTALL)
# RFC 9112, section 7.1: chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
CHUNK_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[\t ]*(?:;[^\r\n]*)?")
LENGTH: Final = re.compile(rb"[0-9]{1,15}")

CHUNKED: Final = -1
UNTIL_CLOSED: Final = -2


class Head(NamedTuple):
    """A status-line and field lines, and what they say about the content that follows."""

    status: int
    fields: tuple[tuple[bytes, bytes], ...]
    """Names in lower case, in the order in which they came."""
    framing: int
    """The content's length, or CHUNKED, or UNTIL_CLOSED."""
    keep_alive: bool


class Response(NamedTuple):
    """A whole response."""

    head: Head
    content: bytes


class ResponseReader:
    """Reads one response after another.

    `feed` returns a response when one is whole; `end` says that no more comes.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._head: Head | None = None
        self._known: dict[bytes, Head] = {}

    @property
    def has_begun(self) -> bool:
        """Whether a part of a response has arrived."""
        return bool(self._buffer) or self._head is not None

    def feed(self, data: bytes) -> Response | None:
        """Take bytes; give a response when it is complete. Raises MalformedReply."""
        if self._buffer:
            data = self._buffer + data
        while self._head is None:
            raw, end, rest = data.partition(b"\r\n\r\n")
            if not end:
                if len(data) > HEAD_LIMIT:
                    raise MalformedReply("the head is longer than 64 KiB")
                self._buffer = data
                return None
            head = self._known.get(raw) or self._learn(raw)
            data = rest
            if head.status >= 200:
                self._head = head
            # RFC 9112, section 9.2 and RFC 9110, section 15.2: interim responses precede the one that is
            # meant.
        return self._content(self._head, data)

    def end(self) -> Response:
        """The server has closed. Gives the response that only this completes. Raises ClosedEarly."""
        head = self._head
        if head is None:
            raise ClosedEarly(
                "closed in the middle of the head" if self._buffer else "closed before the response"
            )
        if head.framing != UNTIL_CLOSED:
            raise ClosedEarly("closed in the middle of the content")
        return self._finish(head, self._buffer)

    def _learn(self, raw: bytes) -> Head:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        head = self._known[raw] = parse_head(raw)
        return head

    def _content(self, head: Head, data: bytes) -> Response | None:
        if head.framing >= 0:
            missing = head.framing - len(data)
            if missing == 0:
                return self._finish(head, data)
            if missing < 0:
                raise MalformedReply("more bytes than the Content-Length says")
        elif head.framing == CHUNKED:
            content = unchunk(data)
            if content is not None:
                return self._finish(head, content)
        self._buffer = data
        return None

    def _finish(self, head: Head, content: bytes) -> Response:
        self._buffer = b""
        self._head = None
        return Response(head, content)


def parse_head(raw: bytes) -> Head:
    """A head without its empty line. Raises MalformedReply."""
    first, *lines = raw.split(b"\r\n")
    status_line = STATUS_LINE.fullmatch(first)
    if not status_line:
        raise MalformedReply("the status-line is not one of HTTP/1.1")
    matches = [FIELD_LINE.fullmatch(line) for line in lines]
    if not all(matches):
        raise MalformedReply("a field line is malformed")
    fields = tuple((match[1].lower(), match[2].rstrip(b"\t ")) for match in matches if match)
    status = int(status_line[2])
    options = tokens(fields, b"connection")
    keep_alive = b"close" not in options if status_line[1] == b"1" else b"keep-alive" in options
    framing = framing_of(status, fields)
    return Head(status, fields, framing, keep_alive and framing != UNTIL_CLOSED)


def framing_of(status: int, fields: tuple[tuple[bytes, bytes], ...]) -> int:
    """RFC 9112, section 6.3: how long the content is. Raises MalformedReply."""
    if status < 200 or status in (204, 304):
        return 0
    codings = tokens(fields, b"transfer-encoding")
    lengths = tokens(fields, b"content-length")
    if codings and lengths:
        raise MalformedReply("both Content-Length and Transfer-Encoding")
    if codings:
        if codings != [b"chunked"]:
            raise MalformedReply("a transfer coding other than chunked, which was not asked for")
        return CHUNKED
    if not lengths:
        return UNTIL_CLOSED
    if len(set(lengths)) > 1 or not LENGTH.fullmatch(lengths[0]):
        raise MalformedReply("the Content-Length is not one number")
    return int(lengths[0])


def tokens(fields: tuple[tuple[bytes, bytes], ...], name: bytes) -> list[bytes]:
    """The members of a list-valued field, in lower case; several field lines of one name are one list."""
    return [token.strip().lower() for key, value in fields if key == name for token in value.split(b",")]


def unchunk(data: bytes) -> bytes | None:
    """The content of a chunked message that begins `data`, or None while it isn't whole.

    Raises MalformedReply.
    """
    pieces: list[bytes] = []
    at = 0
    while True:
        line_end = data.find(b"\r\n", at)
        if line_end < 0 and len(data) - at < HEAD_LIMIT:
            return None
        size_line = CHUNK_LINE.fullmatch(data[at:line_end]) if line_end >= 0 else None
        if not size_line:
            raise MalformedReply("a chunk does not begin with its size")
        size = int(size_line[1], 16)
        at = line_end + 2
        if size == 0:
            return after_last_chunk(data, at, pieces)
        if len(data) < at + size + 2:
            return None
        if data[at + size : at + size + 2] != b"\r\n":
            raise MalformedReply("a chunk is longer than it says")
        pieces.append(data[at : at + size])
        at += size + 2


def after_last_chunk(data: bytes, at: int, pieces: list[bytes]) -> bytes | None:
    """The content, when the trailer section and the empty line after it are there too."""
    if data.startswith(b"\r\n", at):
        end = at + 2
    else:
        end = data.find(b"\r\n\r\n", at) + 4
        if end < 4:
            return None
        if not all(FIELD_LINE.fullmatch(line) for line in data[at : end - 4].split(b"\r\n")):
            raise MalformedReply("a trailer field is malformed")
    if end < len(data):
        raise MalformedReply("bytes after the last chunk")
    return b"".join(pieces)
