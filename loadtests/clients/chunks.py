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
        self._chunked = framing == CHUNKED
        self._left = max(framing, 0)
        """Bytes still to come of the content, or of the chunk that has begun."""
        self._in_chunk = False
        self._buffer = b""
        self._endless = framing == UNTIL_CLOSED
        self.ended = framing == 0
        """Whether the content is complete, by what its framing says."""

    def feed(self, data: bytes) -> bytes:
        """The content in these bytes. Raises MalformedReply."""
        if self._endless:
            return data
        if self._chunked:
            return self._chunks(self._buffer + data)
        if len(data) > self._left or self.ended:
            raise MalformedReply("more bytes than the Content-Length says")
        self._left -= len(data)
        self.ended = not self._left
        return data

    def _chunks(self, data: bytes) -> bytes:
        """RFC 9112, section 7.1: a size, so many bytes, and again; the last size is 0."""
        pieces: list[bytes] = []
        while data:
            if self.ended:
                raise MalformedReply("bytes after the last chunk")
            if self._left:
                pieces.append(data[: self._left])
                data = data[len(pieces[-1]) :]
                self._left -= len(pieces[-1])
                continue
            line, end, rest = data.partition(b"\r\n")
            if not end:
                if len(line) > HEAD_LIMIT or (self._in_chunk and not b"\r\n".startswith(line)):
                    raise MalformedReply("a chunk does not begin with its size")
                break
            data = self._line(line, rest)
        self._buffer = data
        return b"".join(pieces)

    def _line(self, line: bytes, rest: bytes) -> bytes:
        """A line between chunks: the empty one that ends a chunk, or the next size. Gives what follows."""
        if self._in_chunk:
            if line:
                raise MalformedReply("a chunk is longer than it says")
            self._in_chunk = False
            return rest
        size = CHUNK_LINE.fullmatch(line)
        if not size:
            raise MalformedReply("a chunk does not begin with its size")
        self._left = int(size[1], 16)
        self._in_chunk = bool(self._left)
        if self._left:
            return rest
        # The last chunk. Its empty line may be yet to come; nobody sends us trailer fields.
        if rest not in (b"", b"\r", b"\r\n"):
            raise MalformedReply("bytes after the last chunk")
        self.ended = True
        return b""
