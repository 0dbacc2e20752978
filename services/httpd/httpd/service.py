"""What all connections of a service share: the application, the limits, the date, the counters."""

from http import HTTPStatus

from serving.counters import Board
from serving.protocol import Peer

from httpd.application import Application
from httpd.connection import Connection
from httpd.limits import Limits
from httpd.response import TEXT, DateLine, Response
from httpd.writer import write_refusal

__all__ = ["Service"]


class Service:
    """Calling it makes a connection: it is the factory that a driver wants."""

    __slots__ = ("application", "board", "date", "limits")

    def __init__(
        self, application: Application, limits: Limits | None = None, board: Board | None = None
    ) -> None:
        self.application = application
        self.limits = limits or Limits()
        self.board = board or Board()  # on which each process counts its requests
        self.date = DateLine().read

    def __call__(self, peer: Peer) -> Connection:
        return Connection(self, peer)

    def busy(self) -> bytes:
        """What a connection past the limit is told, before anybody has looked at its request."""
        text = "The server has as many connections as it takes. Try again soon.\n"
        response = Response(text, HTTPStatus.SERVICE_UNAVAILABLE, TEXT).add("Retry-After", "1")
        return write_refusal(response, self.date())
