"""Requests find their handler; what goes wrong becomes an answer."""

import logging
import tracemalloc
from http import HTTPStatus

import pytest
from httpd.request import Request
from httpd.response import TEXT, Response
from httpd.site.router import Problem, Router
from memory import Answered, connect, read_answers


def make() -> Router:
    router = Router()

    @router.get("/")
    def start(request: Request) -> Response:
        return Response("start", 200, TEXT)

    @router.route("/thing", "PUT", "DELETE")
    def thing(request: Request) -> Response:
        return Response(request.method, 200, TEXT)

    @router.get("/people/{name}/{what}")
    def person(request: Request) -> Response:
        return Response("{name}:{what}".format_map(request.parameters), 200, TEXT)

    @router.get("/files/{rest:path}")
    def rest(request: Request) -> Response:
        return Response(request.parameters["rest"], 200, TEXT)

    @router.post("/people/{name}/{what}")
    def add(request: Request) -> Response:
        return Response(request.content or b"", 201, TEXT)

    @router.any("/any")
    def whatever(request: Request) -> Response:
        return Response(request.method, 200, TEXT)

    @router.get("/caf\u00e9")
    def cafe(request: Request) -> Response:
        return Response("c", 200, TEXT)

    @router.get("/problem")
    def problem(request: Request) -> Response:
        raise Problem(HTTPStatus.CONFLICT, "Not <now>.", **{"Retry-After": "1"})

    @router.post("/bug")
    @router.get("/bug")
    def bug(request: Request) -> Response:
        raise RuntimeError("oops")

    return router


def ask(line: str, *fields: str, content: bytes = b"", cut: int = 0) -> Answered:
    lines = [
        f"{line} HTTP/1.1",
        "Host: a",
        *fields,
        *([f"Content-Length: {len(content)}"] if content else []),
    ]
    octets = "".join(text + "\r\n" for text in lines).encode() + b"\r\n" + content
    pieces = [octets[:-cut], octets[-cut:]] if cut else [octets]
    (answer,) = read_answers(connect(make()).receive(*pieces).sent, [line.partition(" ")[0]])
    return answer


@pytest.mark.parametrize(
    ("line", "content"),
    [
        ("GET /", b"start"),
        ("GET /?x", b"start"),
        ("GET http://a", b"start"),
        ("PUT /thing", b"PUT"),
        ("GET /people/ann/shoes", b"ann:shoes"),
        ("GET /people/z%C3%B6e/a%2Fb", "zöe".encode()),
        ("GET /files/a/b//c", b"a/b//c"),
        ("BREW /any", b"BREW"),
        ("GET /caf%C3%A9", b"c"),
        ("GET /%2F", None),
        ("GET /%61ny", b"GET"),
    ],
)
def test_routes(line: str, content: bytes | None) -> None:
    answer = ask(line)
    if "a%2Fb" in line or content is None:
        assert answer.status == 404  # an encoded slash is a slash once it is decoded
    else:
        assert (answer.status, answer.content) == (200, content)


def test_head_is_answered_as_get() -> None:
    answer = ask("HEAD /")
    assert (answer.status, answer.content, answer.fields["content-length"]) == (200, b"", "5")


@pytest.mark.parametrize("cut", [0, 1, 3])
def test_content_is_complete_for_a_plain_handler(cut: int) -> None:
    answer = ask("POST /people/a/b", content=b"hello", cut=cut)
    assert (answer.status, answer.content) == (201, b"hello")


@pytest.mark.parametrize(
    ("line", "status", "allow"),
    [
        ("GET /nowhere", 404, None),
        ("GET /people/ann", 404, None),
        ("DELETE /", 405, "GET, HEAD, OPTIONS"),
        ("GET /thing", 405, "DELETE, OPTIONS, PUT"),
        ("PATCH /people/a/b", 405, "GET, HEAD, OPTIONS, POST"),
        ("TRACE /", 405, "GET, HEAD, OPTIONS"),
        ("BREW /", 501, None),
        ("BREW /nowhere", 501, None),
        ("get /", 501, None),
        ("CONNECT a:80", 501, None),
        ("OPTIONS /thing", 204, "DELETE, OPTIONS, PUT"),
        ("OPTIONS *", 204, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE"),
        ("OPTIONS /nowhere", 404, None),
    ],
)
def test_methods(line: str, status: int, allow: str | None) -> None:
    answer = ask(line)
    assert (answer.status, answer.fields.get("allow")) == (status, allow)


def test_a_problem_is_told_to_a_program_and_shown_to_a_browser() -> None:
    answer = ask("GET /problem")
    assert (answer.status, answer.content, answer.fields["retry-after"]) == (409, b"Not <now>.\n", "1")
    answer = ask("GET /problem", "Accept: text/html,*/*;q=0.8")
    assert answer.fields["content-type"] == "text/html; charset=utf-8"
    assert b"Not &lt;now&gt;." in answer.content
    assert b"409 Conflict" in answer.content


@pytest.mark.parametrize(("line", "cut"), [("GET /bug", 0), ("POST /bug", 0), ("POST /bug", 1)])
def test_a_bug_is_logged_and_answered(line: str, cut: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = ask(line, content=b"x" if cut else b"", cut=cut)
    assert answer.status == 500
    assert b"oops" not in answer.content
    assert "RuntimeError: oops" in caplog.text


def test_content_in_tiny_chunks_takes_no_more_room() -> None:
    # Two octets a piece: as objects of their own they would take twenty times as much.
    memory = connect(make())
    memory.receive(b"POST /people/a/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    tracemalloc.start()
    try:
        for number in range(50_000):
            memory.receive(b"2\r\n%02d\r\n" % (number % 100))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000
    memory.receive(b"0\r\n\r\n")
    assert len(read_answers(memory.sent)[0].content) == 100_000
