"""The half of a connection that sends: a response goes out at once, or bit by bit as the peer takes it.

The rule of this file: whatever a response holds, a file or an application's iterable, is given back when it
has gone out, or when nobody wants it any more.
"""

from typing import TYPE_CHECKING

from serving.protocol import FileSlice, Output, Peer, Protocol, Waiting

from httpd.request import Request
from httpd.response import Response
from httpd.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Sender"]


class Sender(Protocol):
    """Sends responses, one after the other. ``finish`` says what comes after each."""

    __slots__ = ("_failure", "_piece", "_step", "_writer", "last")

    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
        self.last = False  # no request is read after this one
        self._step: Callable[[], Output] | None = None  # what resumed() goes on with
        self._writer: Writer | None = None  # of the response that is being sent
        self._piece: bytes | None = None
        self._failure: Exception | None = None

    def finish(self, output: bytes = b"") -> Output:
        """The response is complete with this output: go on with the next request, or end."""
        raise NotImplementedError

    def send(self, request: Request, response: Response, date: bytes) -> Output:
        """Begin to send a response: its head, and as much of its content as is here."""
        head = b"" if self._writer is not None else self.begin(request, response, date)
        writer = self._writer
        assert writer is not None  # noqa: S101 - begin() set it, now or ahead
        if writer.bare:
            return self.finish(head)
        if response.file is not None:
            self.waiting = Waiting.SENT
            self._step = self.finish
            file = response.file
            return [head, FileSlice(file.descriptor, file.offset, file.size)] if file.size else head
        if response.pieces is None:
            return self.finish(head + response.content)
        return self._send_piece(writer, head, response.content)

    def begin(self, request: Request, response: Response, date: bytes) -> bytes:
        """Write a response's head. What is said in it is settled."""
        writer = self._writer = Writer(request, response)
        if not request.keep_alive or not response.keep_alive or writer.closes:
            self.last = True
        return writer.head(request, date, self.last)

    def ahead(self, request: Request, response: Response, date: bytes, piece: bytes) -> bytes:
        """Write a piece of a response whose end is not here yet, after its head if that has not gone."""
        head = b"" if self._writer is not None else self.begin(request, response, date)
        writer = self._writer
        assert writer is not None  # noqa: S101 - as in send()
        return head if writer.bare else head + writer.piece(piece)

    def end_response(self) -> None:
        """Give back what the response holds."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.response.end()

    def _send_piece(self, writer: Writer, head: bytes, piece: bytes) -> Output:
        """Send one piece, and go on with the next one when it is on its way."""
        output = head + writer.piece(piece)
        if writer.complete:
            return self.finish(output)
        self._step = self._send_next
        if writer.response.blocking:
            self.work = self._make_piece
            self.waiting = Waiting.WORK
        else:
            self.waiting = Waiting.SENT
        return output

    def _make_piece(self) -> None:
        """Ask the response for its next piece; in the driver's thread for work, if that may block."""
        assert self._writer is not None  # noqa: S101 - send() set it
        pieces = self._writer.response.pieces
        assert pieces is not None  # noqa: S101 - or nobody would ask
        try:
            self._piece = next(filter(None, pieces), None)
        except Exception as error:  # noqa: BLE001 - _send_next raises it, where the driver sees it
            self._failure = error

    def _send_next(self) -> Output:
        writer = self._writer
        assert writer is not None  # noqa: S101 - send() set it
        if not writer.response.blocking:
            self._make_piece()
        if self._failure is not None:
            raise self._failure
        if self._piece is not None:
            return self._send_piece(writer, b"", self._piece)
        return self.finish(writer.end())
