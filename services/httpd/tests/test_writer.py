"""How a response is framed: the table of ``writer``, cell by cell, read back by a strict client."""

import pytest
from httpd.errors import ApplicationError
from httpd.request import Request
from httpd.response import Response
from httpd.writer import Writer, write_plain
from memory import connect, read_answers


def exchange(request: bytes, response: Response) -> tuple[bytes, bool]:
    memory = connect(lambda _: response).receive(request)
    return bytes(memory.sent), memory.ended


def stream(length: int | None = None) -> Response:
    return Response.stream(iter([b"one", b"", b"two"]), 200, "text/plain", length)


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
GET_1_0 = b"GET / HTTP/1.0\r\n\r\n"
KEEP_1_0 = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "response", "fields", "content", "ends"),
    [
        (GET, lambda: Response("hi"), {"content-length": "2"}, b"hi", False),
        (GET, lambda: Response(""), {"content-length": "0"}, b"", False),
        (GET, stream, {"transfer-encoding": "chunked"}, b"onetwo", False),
        (GET, lambda: stream(6), {"content-length": "6"}, b"onetwo", False),
        (HEAD, lambda: Response("hi"), {"content-length": "2"}, b"", False),
        (HEAD, lambda: Response(""), {"content-length": "0"}, b"", False),
        (HEAD, stream, {"transfer-encoding": "chunked"}, b"", False),
        (HEAD, lambda: stream(6), {"content-length": "6"}, b"", False),
        (GET, lambda: Response("hi", 204), {}, b"", False),
        (GET, lambda: Response("hi", 304), {}, b"", False),
        (GET_1_0, lambda: Response("hi"), {"content-length": "2", "connection": "close"}, b"hi", True),
        (GET_1_0, stream, {"connection": "close"}, b"onetwo", True),
        (KEEP_1_0, lambda: Response("hi"), {"content-length": "2", "connection": "keep-alive"}, b"hi", False),
        (KEEP_1_0, stream, {"connection": "close"}, b"onetwo", True),
        (KEEP_1_0, lambda: stream(6), {"content-length": "6", "connection": "keep-alive"}, b"onetwo", False),
        (CLOSE, lambda: Response("hi"), {"content-length": "2", "connection": "close"}, b"hi", True),
        (CLOSE, stream, {"transfer-encoding": "chunked", "connection": "close"}, b"onetwo", True),
        (CLOSE, lambda: Response("", 204), {"connection": "close"}, b"", True),
    ],
)  # fmt: skip
def test_framing(request_: bytes, response, fields: dict[str, str], content: bytes, ends: bool) -> None:
    octets, ended = exchange(request_, response())
    (answer,) = read_answers(octets, [request_.split()[0].decode()])
    framing = {name: answer.fields[name] for name in answer.fields if name not in ("date", "content-type")}
    assert (framing, answer.content, ended) == (fields, content, ends)
    assert b"date" in octets.lower()


def test_more_than_was_announced_is_cut_off() -> None:
    octets, ended = exchange(GET, stream(4))
    assert octets.endswith(b"\r\n\r\nonet")
    assert not ended


def test_less_than_was_announced_breaks_the_connection() -> None:
    memory = connect(lambda _: stream(7))
    with pytest.raises(ApplicationError, match="1 octets shorter"):
        memory.receive(GET)


def test_pieces_are_asked_for_one_at_a_time() -> None:
    # The peer sets the pace: no piece is made before the one before it is on its way.
    made: list[int] = []

    def pieces():
        for number in range(3):
            made.append(number)
            yield b"x"

    memory = connect(lambda _: Response.stream(pieces()))
    memory.take(memory.connection.received(GET))
    assert made == []
    for number in range(3):
        memory.take(memory.connection.resumed())
        assert made == [*range(number + 1)]
    memory.take(memory.connection.resumed())
    assert memory.sent.endswith(b"0\r\n\r\n")


def test_a_writer_says_when_it_is_complete() -> None:
    request = Request("GET", "/", None, "Host: a")
    response = Response(b"")
    response.pieces, response.length = iter([b"abc"]), 3
    writer = Writer(request, response)
    assert not writer.complete
    assert writer.piece(b"ab") == b"ab"
    assert writer.piece(b"cd") == b"c"
    assert writer.complete
    assert writer.end() == b""


@pytest.mark.parametrize("response", [Response("hi"), Response("", 404, ""), Response("x").add("X-One", "1")])
def test_a_plain_response_is_written_as_the_writer_does(response: Response) -> None:
    request = Request("GET", "/", None, "Host: a")
    writer = Writer(request, response)
    date = b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    assert response.plain
    assert write_plain(response, date) == writer.head(request, date, False) + writer.piece(response.content)
