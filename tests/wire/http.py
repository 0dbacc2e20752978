"""An HTTP client of one function, on the standard library's: what was sent is what a test says was sent."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

from wire.stack import Base
from wire.tcp import DEADLINE

__all__ = ["NO_ANSWER", "Response", "fetch", "send"]

#: What nginx says for a service that is down. 502: nobody listens there. 504: nobody is there, as in the time
#: before it learns that a container has gone, and its address with it.
NO_ANSWER = {502, 504}


@dataclass(frozen=True)
class Response:
    """A response, read whole."""

    status: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def field_lines(self, name: str) -> list[str]:
        """Return every field line of that name: two of them are often one too many."""
        return self.headers.get_all(name, [])


def send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Exchange one request and its response on an open connection."""
    connection.request(method, path, content, dict(headers or {}))
    with connection.getresponse() as answer:  # it may hold the socket, and break off
        return Response(answer.status, answer.headers, answer.read())


def fetch(
    base: Base,
    path: str,
    method: str = "GET",
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Exchange one request and its response on a connection of their own."""
    connection = http.client.HTTPConnection(base.host, base.port, timeout=DEADLINE)
    try:
        return send(connection, method, base.prefix + path, content, headers)
    finally:
        connection.close()
