"""HTTP/1.1 over one connection: a request that was made beforehand, and a response that is checked."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING

from loadtests.clients.connection import Connection
from loadtests.clients.failures import WrongContent, WrongStatus
from loadtests.clients.response import Response, ResponseReader

if TYPE_CHECKING:
    from loadtests.addresses import Address

__all__ = ["HttpClient", "request"]


def request(
    method: str, path: str, host: Address, content: bytes | None = None, media_type: str = "text/plain"
) -> bytes:
    """The bytes of a request.

    The same few field lines on every rung: what isn't sent needn't be explained.
    """
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    if content is not None:
        lines += [f"Content-Type: {media_type}", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (content or b"")


class HttpClient:
    """One connection to an HTTP server, used again and again until one of the two closes it."""

    def __init__(self, address: Address, timeout: float) -> None:
        self._connection = Connection(address, timeout)
        self._reader = ResponseReader()
        self.close = self._connection.close
        self.opened = self._connection.opened
        self.first_byte = 0
        """When the first bytes of the last response arrived, by the performance counter."""
        self.keep_alive = True
        """False once the server has said that it closes after this response."""

    def exchange(self, message: bytes, content: bytes) -> int:
        """Send a request; the response must be 200 with exactly `content`.

        Returns its length. Raises Failure.
        """
        response = self.ask(message)
        if response.head.status != 200:
            raise WrongStatus(f"status {response.head.status} instead of 200")
        if response.content != content:
            raise WrongContent("the content is not what it should be")
        return len(content)

    def ask(self, message: bytes) -> Response:
        """Send a request; give the response, whatever it says. Raises Failure."""
        self._connection.send(message)
        data = self._connection.receive()
        self.first_byte = perf_counter_ns()
        response = self._reader.feed(data) or self._read_rest(data)
        self.keep_alive = response.head.keep_alive
        return response

    def _read_rest(self, data: bytes) -> Response:
        while data:
            data = self._connection.receive()
            if data and (response := self._reader.feed(data)):
                return response
        return self._reader.end()
