"""Requests, and applications that answer them with a given result."""

from collections.abc import Iterator

from httpd.wsgi.gateway import WSGIApplication
from memory import Answered, Memory, read_answers

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = GET.replace(b"GET", b"HEAD")
TYPE = ("Content-Type", "text/plain")


def first(memory: Memory, method: str = "GET") -> Answered:
    return read_answers(memory.sent, [method])[0]


class Result:
    """An iterable that notes that it was closed."""

    def __init__(self, *pieces: bytes | BaseException) -> None:
        self.pieces = iter(pieces)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self.pieces)
        if isinstance(piece, BaseException):
            raise piece
        return piece

    def close(self) -> None:
        self.closed += 1


def answering(result, status: str = "200 OK", *headers: tuple[str, str]) -> WSGIApplication:
    def application(environ, start_response):
        start_response(status, [TYPE, *headers])
        return result

    return application


def oops() -> None:
    raise RuntimeError("oops")
