"""The content of a request, piece by piece (RFC 9112 sections 6 and 7).

The rule of this file: a reader is given octets as they come, returns the content among them, and when the
content has ended it says so by ``rest``: what came after it, the beginning of the next request.
"""

from http import HTTPStatus

from httpd.errors import Refusal
from httpd.grammar import CHUNK_LINE, TRAILER_LINE
from httpd.limits import Limits

__all__ = ["ChunkedReader", "LengthReader", "last_chunk", "to_chunk"]

#: RFC 9112 section 7.1:  last-chunk = 1*("0") CRLF, then an empty trailer section, then CRLF
last_chunk = b"0\r\n\r\n"


def to_chunk(piece: bytes) -> bytes:
    """Write one chunk. An empty one would end the content: the caller leaves it out."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


class LengthReader:
    """Content as long as Content-Length says."""

    __slots__ = ("_missing", "rest")

    def __init__(self, length: int) -> None:
        self._missing = length
        self.rest: bytes | None = None

    def read(self, data: bytes) -> bytes:
        """Take some octets, return those that are content."""
        missing = self._missing - len(data)
        if missing > 0:
            self._missing = missing
            return data
        piece, self.rest = data[: self._missing], data[self._missing :]
        self._missing = 0
        return piece


class ChunkedReader:
    """Content in chunks: sizes, extensions (bounded, ignored) and trailers (checked, bounded, dropped)."""

    __slots__ = (
        "_extensions",
        "_limits",
        "_missing",
        "_size",
        "_state",
        "_tail",
        "_trailers",
        "_trailers_size",
        "rest",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tail = b""  # a line that has not ended yet
        self._state = self._read_size
        self._missing = 0  # octets of this chunk's data that are still to come
        self._size = 0
        self._extensions = 0
        self._trailers = 0
        self._trailers_size = 0
        self.rest: bytes | None = None

    def read(self, data: bytes) -> bytes:
        """Take some octets, return those that are content. Raises ``Refusal``."""
        if self._tail:
            data = self._tail + data
            self._tail = b""
        pieces: list[bytes] = []
        position = 0
        while position < len(data) and self.rest is None:
            position = self._state(data, position, pieces)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    # Each state takes the data and a position in it, and returns the position up to which it has read. What
    # it can't read yet it keeps as the tail, and returns the end.

    def _read_size(self, data: bytes, position: int, pieces: list[bytes]) -> int:  # noqa: ARG002 - one shape for all states
        limits = self._limits
        end = self._line_end(
            data, position, limits.chunk_line, HTTPStatus.BAD_REQUEST, "A chunk's size with its extensions"
        )
        if end < 0:
            return len(data)
        match = CHUNK_LINE.fullmatch(data, position, end)
        if match is None:
            raise Refusal(HTTPStatus.BAD_REQUEST, "A chunk must begin with its size in hexadecimal digits.")
        size = int(match[1], 16)
        self._size += size
        if self._size > limits.content:
            raise Refusal(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The content may be {limits.content} octets long at most.",
            )
        self._extensions += end - match.end(1)
        if self._extensions > limits.chunk_extensions:
            raise Refusal(
                HTTPStatus.BAD_REQUEST, f"Chunk extensions take more than {limits.chunk_extensions} octets."
            )
        self._missing = size
        self._state = self._read_data if size else self._read_trailer
        return end + 2

    def _read_data(self, data: bytes, position: int, pieces: list[bytes]) -> int:
        end = position + self._missing
        pieces.append(data[position:end])
        if end > len(data):
            self._missing = end - len(data)
            return len(data)
        self._missing = 0
        self._state = self._read_data_end
        return end

    def _read_data_end(self, data: bytes, position: int, pieces: list[bytes]) -> int:  # noqa: ARG002
        end = data[position : position + 2]
        if end == b"\r\n":
            self._state = self._read_size
            return position + 2
        if end != b"\r":
            raise Refusal(HTTPStatus.BAD_REQUEST, "A chunk is longer than its size says.")
        self._tail = end
        return len(data)

    def _read_trailer(self, data: bytes, position: int, pieces: list[bytes]) -> int:  # noqa: ARG002
        limits = self._limits
        room = limits.field_lines - self._trailers_size
        end = self._line_end(
            data, position, room, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The trailer section"
        )
        if end < 0:
            return len(data)
        if end == position:
            self.rest = data[end + 2 :]
            return len(data)
        if not TRAILER_LINE.fullmatch(data, position, end):
            raise Refusal(HTTPStatus.BAD_REQUEST, "A trailer that is no field line.")
        self._trailers += 1
        self._trailers_size += end - position
        if self._trailers > limits.field_count:
            raise Refusal(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"There are more than {limits.field_count} trailers.",
            )
        return end + 2

    def _line_end(self, data: bytes, position: int, most: int, status: HTTPStatus, what: str) -> int:
        """Find the CRLF that ends the line at ``position``;

        Keep the line as the tail if it has not come, and return -1.
        """
        end = data.find(b"\r\n", position)
        size = (end if end >= 0 else len(data) - data.endswith(b"\r", position)) - position
        if size > most:
            raise Refusal(status, f"{what} may take {most} octets at most.")
        if end < 0:
            if b"\n" in data[position:]:
                raise Refusal(HTTPStatus.BAD_REQUEST, "A line that does not end with CR and LF.")
            self._tail = data[position:]
        return end
