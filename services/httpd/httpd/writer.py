"""The way back: a response becomes octets, its content framed so that the peer knows where it ends.

| the response          | to HTTP/1.1                      | to HTTP/1.0                       |
|-----------------------|----------------------------------|-----------------------------------|
| 1xx, 204, 304         | no content, whatever it says     | the same                          |
| to HEAD               | the fields that GET would get    | the same                          |
| of known length       | Content-Length                   | Content-Length                    |
| of unknown length     | chunked                          | ends with the connection          |

RFC 9112 sections 6.3 and 7.1, RFC 9110 section 8.6.
"""

from httpd.content import last_chunk, to_chunk
from httpd.errors import ApplicationError
from httpd.request import Request
from httpd.response import WITHOUT_CONTENT, Response

__all__ = ["Writer", "write_plain", "write_refusal"]

CLOSE = b"Connection: close\r\n"
KEEP_ALIVE = b"Connection: keep-alive\r\n"


class Writer:
    """Frames one response, in whatever pieces its content comes.

    The response's own resources are the connection's.
    """

    __slots__ = ("_chunked", "_missing", "bare", "closes", "response")

    def __init__(self, request: Request, response: Response) -> None:
        self.response = response
        without = response.status in WITHOUT_CONTENT
        unknown = response.pieces is not None and response.length is None and not without
        #: Whether nothing follows the head.
        self.bare = without or request.method == "HEAD"
        #: Whether only the end of the connection ends the content.
        self.closes = unknown and request.minor == 0
        self._chunked = unknown and request.minor > 0
        #: Octets that are still owed, -1 if nobody knows.
        self._missing = -1
        if not unknown:
            self._missing = len(response.content) if response.length is None else response.length

    def head(self, request: Request, date: bytes, last: bool) -> bytes:
        """Write the head; ``last`` tells the peer that no other response follows on this connection."""
        response = self.response
        if self._chunked:
            framing = b"Transfer-Encoding: chunked\r\n"
        elif self.closes or response.status in WITHOUT_CONTENT:
            framing = b""
        else:
            framing = b"Content-Length: %d\r\n" % self._missing
        # RFC 9112 section 9.3: 1.1 persists without a word, 1.0 with one.
        connection = CLOSE if last else KEEP_ALIVE if request.minor == 0 else b""
        return response.head(date, framing, connection)

    def piece(self, piece: bytes) -> bytes:
        """Frame a piece.

        What is more than the announced length is cut off, or it would be read as the next response.
        """
        if self._chunked:
            return to_chunk(piece) if piece else b""
        if self._missing >= 0:
            piece = piece[: self._missing]
            self._missing -= len(piece)
        return piece

    @property
    def complete(self) -> bool:
        """Whether all octets of the announced length are out."""
        return self._missing == 0

    def end(self) -> bytes:
        """Write what ends the content.

        Raises ``ApplicationError`` if there is less of it than was announced.
        """
        if self._missing > 0:
            raise ApplicationError(f"The content is {self._missing} octets shorter than its Content-Length.")
        return last_chunk if self._chunked else b""


def write_plain(response: Response, date: bytes) -> bytes:
    """Write a ``plain`` response to HTTP/1.1 on a connection that goes on: nearly every one is.

    A ``Writer`` would write the same.
    """
    content = response.content
    return b"%b%b%bContent-Length: %d\r\n\r\n%b" % (
        response.line,
        date,
        response.fields,
        len(content),
        content,
    )


def write_refusal(response: Response, date: bytes) -> bytes:
    """Write a response to a request that nobody could read: whole, and the last one."""
    return response.head(date, b"Content-Length: %d\r\n" % len(response.content), CLOSE) + response.content
