"""The content of a response that goes on and on: bytes in, content out as soon as it is there. No socket.

`response` waits for whole responses, which a stream never is.
"""

from __future__ import annotations

from loadtests.clients.failures import MalformedReply
from loadtests.clients.response import CHUNK_LINE, CHUNKED, HEAD_LIMIT, UNTIL_CLOSED

__all__ = ["ContentReader"]


class ContentReader:
    """Takes what follows the head of one response."""

    def __init__(self, framing: int) -> None:
        """`framing` is the head's: a length, CHUNKED or UNTIL_CLOSED."""
        self._framing = framing
        self._left = max(framing, 0)
        """Bytes still to come of the content, or of the chunk that has begun."""
        self._line = self._size
        """What reads the next line between chunks."""
        self._buffer = b""
        self.ended = framing == 0
        """Whether the content is complete, by what its framing says."""

    def feed(self, data: bytes) -> bytes:
        """The content in these bytes. Raises MalformedReply."""
        if self._framing == UNTIL_CLOSED:
            return data
        if self._framing == CHUNKED:
            return self._chunks(self._buffer + data)
        if len(data) > self._left:
            raise MalformedReply("more bytes than the Content-Length says")
        self._left -= len(data)
        self.ended = not self._left
        return data

    def _chunks(self, data: bytes) -> bytes:
        """RFC 9112, section 7.1: a size, so many bytes, an empty line, and again; the last size is 0."""
        pieces: list[bytes] = []
        while data:
            if self.ended:
                raise MalformedReply("bytes after the last chunk")
            if self._left:
                pieces.append(data[: self._left])
                data = data[self._left :]
                self._left -= len(pieces[-1])
                continue
            line, end, rest = data.partition(b"\r\n")
            if not end:
                if len(line) > HEAD_LIMIT or (self._line != self._size and line != b"\r"):
                    raise MalformedReply("a chunk is longer than it says")
                break
            self._line(line)
            data = rest
        self._buffer = data
        return b"".join(pieces)

    def _size(self, line: bytes) -> None:
        """The line before a chunk."""
        size = CHUNK_LINE.fullmatch(line)
        if not size:
            raise MalformedReply("a chunk does not begin with its size")
        self._left = int(size[1], 16)
        self._line = self._after_chunk if self._left else self._after_last

    def _after_chunk(self, line: bytes) -> None:
        """The empty line after a chunk."""
        if line:
            raise MalformedReply("a chunk is longer than it says")
        self._line = self._size

    def _after_last(self, line: bytes) -> None:
        """The empty line after the last chunk. Nobody sends us trailer fields."""
        if line:
            raise MalformedReply("bytes after the last chunk")
        self.ended = True
