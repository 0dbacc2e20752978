"""PEP 3333, both sides of it, with the standard library's validator in between; in the loop and as work."""

import io
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from wsgiref.validate import validator

import pytest
from httpd.environ import EnvironWriter
from httpd.errors import ApplicationError
from httpd.gateway import Gateway, WSGIApplication
from memory import Answered, Memory, connect, read_answers


@pytest.fixture(params=[True, False], ids=["inline", "as work"])
def inline(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture
def errors() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def serve(inline: bool, errors: io.StringIO) -> Callable[..., Memory]:
    def serve(application: WSGIApplication, *pieces: bytes) -> Memory:
        write_environ = EnvironWriter(multithread=False, multiprocess=False, errors=errors)
        return connect(Gateway(application, write_environ, inline=inline, errors=errors)).receive(*pieces)

    return serve


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = GET.replace(b"GET", b"HEAD")
TYPE = ("Content-Type", "text/plain")


def first(memory: Memory, method: str = "GET") -> Answered:
    return read_answers(memory.sent, [method])[0]


class Result:
    """An iterable that notes that it was closed."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = iter(pieces)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self.pieces)
        if isinstance(piece, Exception):
            raise piece
        return piece

    def close(self) -> None:
        self.closed += 1


def answering(result, status: str = "200 OK", *headers: tuple[str, str]) -> WSGIApplication:
    def application(environ, start_response):
        start_response(status, [TYPE, *headers])
        return result

    return application


class TestInput:
    """wsgi.input, on both framings, read in every way there is, with the validator looking."""

    CONTENT = b"one\ntwo\r\n\nthree"

    @pytest.fixture(params=["length", "chunks"])
    def octets(self, request: pytest.FixtureRequest) -> bytes:
        content = self.CONTENT
        head = b"POST / HTTP/1.1\r\nHost: a\r\n"
        if request.param == "length":
            return head + b"Content-Length: %d\r\n\r\n" % len(content) + content
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (content[:5], content[5:]))
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"

    @pytest.mark.parametrize(
        ("read", "expected"),
        [
            (lambda file: [file.read(100)], [CONTENT]),
            (lambda file: [file.read(4), file.read(4), file.read(100)], [b"one\n", b"two\r", b"\n\nthree"]),
            (
                lambda file: [file.read(3), file.readline(), file.read(100)],
                [b"one", b"\n", b"two\r\n\nthree"],
            ),
            (lambda file: file.readlines(), [b"one\n", b"two\r\n", b"\n", b"three"]),
            (list, [b"one\n", b"two\r\n", b"\n", b"three"]),
            (lambda file: [file.readline(2), file.readline(9), file.readline(3)], [b"on", b"e\n", b"two"]),
            (lambda file: [file.read(100), file.read(1), file.readline()], [CONTENT, b"", b""]),
        ],
    )
    @pytest.mark.parametrize("cut", [0, 1, 7, 20])
    def test_read(self, serve, octets: bytes, cut: int, read, expected: list[bytes]) -> None:
        got: list[list[bytes]] = []

        def application(environ, start_response):
            got.append(read(environ["wsgi.input"]))
            start_response("200 OK", [TYPE])
            return [b"ok"]

        pieces = [octets[:-cut], octets[-cut:]] if cut else [octets]
        memory = serve(validator(application), *pieces, GET)
        assert got[0] == expected
        assert [answer.status for answer in read_answers(memory.sent)] == [200, 200]

    def test_read_without_a_size(self, serve, octets: bytes) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            return [environ["wsgi.input"].read()]

        assert first(serve(application, octets[:-3], octets[-3:])).content == self.CONTENT

    def test_octet_by_octet(self, serve, octets: bytes) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            return [environ["wsgi.input"].read()]

        memory = serve(application, *(octets[n : n + 1] for n in range(len(octets))))
        assert first(memory).content == self.CONTENT

    def test_what_is_not_read_is_read_over(self, serve, octets: bytes) -> None:
        memory = serve(answering([b"ok"]), octets[:-5], octets[-5:], GET)
        assert [answer.status for answer in read_answers(memory.sent)] == [200, 200]

    def test_a_content_that_breaks_off(self, serve, octets: bytes) -> None:
        raised: list[Exception] = []

        def application(environ, start_response):
            try:
                environ["wsgi.input"].read()
            except OSError as error:
                raised.append(error)
                raise
            return []

        memory = serve(application, octets[:-3])
        if memory.ended:
            assert raised
        else:  # in the loop it is still waited for
            memory.end()
        assert first(memory).status == 400
        assert memory.ended

    def test_a_content_that_can_not_be_read(self, serve) -> None:
        octets = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

        def application(environ, start_response):
            environ["wsgi.input"].read()
            start_response("200 OK", [TYPE])
            return [b"ok"]

        memory = serve(application, octets, b"5\r\nhello\r\nnonsense\r\n")
        assert [answer.status for answer in read_answers(memory.sent)] == [400]
        assert memory.ended


class TestResponses:
    def test_validated(self, serve) -> None:
        def application(environ, start_response):
            start_response("201 Created", [TYPE, ("X-One", "1"), ("X-One", "2")])
            return [b"one", b"two"]

        memory = serve(validator(application), GET + GET)
        assert memory.sent.count(b"HTTP/1.1 201 Created\r\n") == 2
        assert memory.sent.count(b"X-One: 1\r\nX-One: 2\r\n") == 2
        assert first(memory).content == b"onetwo"

    @pytest.mark.parametrize(
        ("make", "framing", "content"),
        [
            (lambda: [b"one", b"two"], ("content-length", "6"), b"onetwo"),
            (lambda: (b"one",), ("content-length", "3"), b"one"),
            (list, ("content-length", "0"), b""),
            (lambda: Result(b"one", b"", b"two"), ("transfer-encoding", "chunked"), b"onetwo"),
            (lambda: Result(b"", b"one"), ("transfer-encoding", "chunked"), b"one"),
            (Result, ("transfer-encoding", "chunked"), b""),
        ],
    )
    def test_iterables(self, serve, make, framing: tuple[str, str], content: bytes) -> None:
        result = make()
        answer = first(serve(answering(result), GET))
        assert answer.content == content
        assert answer.fields[framing[0]] == framing[1]
        assert not isinstance(result, Result) or result.closed == 1

    def test_a_length_of_its_own(self, serve) -> None:
        result = Result(b"one", b"two")
        answer = first(serve(answering(result, "200 OK", ("Content-Length", "6")), GET))
        assert (answer.fields["content-length"], answer.content, result.closed) == ("6", b"onetwo", 1)

    def test_one_piece_that_is_all_of_it(self, serve) -> None:
        result = Result(b"one", RuntimeError("nobody asks for this"))
        answer = first(serve(answering(result, "200 OK", ("Content-Length", "3")), GET))
        assert (answer.content, result.closed) == (b"one", 1)

    @pytest.mark.parametrize("make", [lambda: [b"onetwo"], lambda: Result(b"one", b"two")])
    def test_more_than_announced_is_cut_off(self, serve, make) -> None:
        memory = serve(answering(make(), "200 OK", ("Content-Length", "4")), GET)
        assert first(memory).content == b"onet"
        assert not memory.ended

    def test_less_than_announced(self, serve, errors: io.StringIO) -> None:
        assert first(serve(answering([b"on"], "200 OK", ("Content-Length", "3")), GET)).status == 500
        assert "2 octets long, its Content-Length is 3" in errors.getvalue()
        result = Result(b"o", b"n")
        with pytest.raises(ApplicationError, match="1 octets shorter"):
            serve(answering(result, "200 OK", ("Content-Length", "3")), GET)

    @pytest.mark.parametrize("make", [lambda: [b"content"], list, lambda: Result(b"content")])
    def test_head(self, serve, make) -> None:
        result = make()
        memory = serve(answering(result, "200 OK", ("Content-Length", "7")), HEAD)
        assert memory.sent.endswith(b"\r\n\r\n")
        assert first(memory, "HEAD").fields["content-length"] == "7"
        assert not isinstance(result, Result) or result.closed == 1

    @pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
    def test_statuses_without_content(self, serve, status: str) -> None:
        memory = serve(answering([], status), GET)
        assert memory.sent.endswith(b"\r\n\r\n")
        assert "content-length" not in first(memory).fields

    def test_a_phrase_of_its_own_or_none(self, serve) -> None:
        assert serve(answering([], "299 Fine, mostly"), GET).sent.startswith(b"HTTP/1.1 299 Fine, mostly\r\n")
        assert serve(answering([], "299"), GET).sent.startswith(b"HTTP/1.1 299 \r\n")

    def test_its_own_date(self, serve) -> None:
        memory = serve(answering([b"x"], "200 OK", ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")), GET)
        assert memory.sent.lower().count(b"\r\ndate:") == 1
        assert first(memory).fields["date"] == "Sun, 06 Nov 1994 08:49:37 GMT"

    def test_what_is_the_servers_affair_is_left_out(self, serve) -> None:
        own = [("Transfer-Encoding", "chunked"), ("Connection", "keep-alive"), ("Keep-Alive", "timeout=5")]
        memory = serve(answering([b"x"], "200 OK", *own), GET)
        assert set(first(memory).fields) == {"date", "content-type", "content-length"}
        assert not memory.ended

    def test_it_may_end_the_connection(self, serve) -> None:
        memory = serve(answering([b"x"], "200 OK", ("Connection", "close")), GET)
        assert first(memory).fields["connection"] == "close"
        assert memory.ended

    def test_write(self, serve) -> None:
        def application(environ, start_response):
            write = start_response("200 OK", [TYPE])
            write(b"one")
            write(b"two")
            return Result(b"three")

        assert first(serve(validator(application), GET)).content == b"onetwothree"

    def test_start_response_as_late_as_the_first_piece(self, serve) -> None:
        def application(environ, start_response):
            start_response("202 Accepted", [TYPE])
            yield b"x"

        assert first(serve(application, GET)).status == HTTPStatus.ACCEPTED


def oops() -> None:
    raise RuntimeError("oops")


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "headers"),
        [
            ("200 OK\r\nEvil: 1", []),
            ("OK", []),
            ("20 OK", []),
            ("200 OK", [("X", "a\r\nEvil: 1")]),
            ("200 OK", [("X\r\nEvil", "1")]),
            ("200 OK", [("X: 1\r\nEvil", "1")]),
            ("200 OK", [("X", "a\0")]),
            ("200 OK", [("X", "\u2028")]),
            ("200 OK", [("X Y", "a")]),
            ("200 OK", [("", "a")]),
            ("200 OK", [("X", 1)]),
            ("200 OK", [(b"X", b"1")]),
            ("200 OK", [("Content-Length", "-1")]),
            ("200 OK", [("Content-Length", "1, 1")]),
            ("200 OK", [("Content-Length", "²")]),
        ],
    )
    def test_a_head_that_can_not_be(self, serve, errors: io.StringIO, status: str, headers) -> None:
        result = Result(b"x")

        def application(environ, start_response):
            start_response(status, headers)
            return result

        memory = serve(application, GET + GET)
        assert [answer.status for answer in read_answers(memory.sent)] == [500, 500]
        assert b"Evil" not in memory.sent
        assert "Traceback" in errors.getvalue()
        assert result.closed == 2

    def test_raised_before_the_head(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            raise RuntimeError("oops")

        memory = serve(application, GET + GET)
        assert [answer.status for answer in read_answers(memory.sent)] == [500, 500]
        assert b"oops" not in memory.sent
        assert "GET / failed" in errors.getvalue()
        assert "RuntimeError: oops" in errors.getvalue()

    def test_raised_by_the_first_piece(self, serve) -> None:
        result = Result(RuntimeError("oops"))
        assert first(serve(answering(result), GET)).status == 500
        assert result.closed == 1

    def test_raised_after_the_head(self, serve, errors: io.StringIO) -> None:
        result = Result(b"one", RuntimeError("oops"))
        with pytest.raises(ApplicationError, match="in the middle"):
            serve(answering(result), GET)
        assert "RuntimeError: oops" in errors.getvalue()

    def test_raised_by_close(self, serve, errors: io.StringIO) -> None:
        class Bad(Result):
            def close(self) -> None:
                raise RuntimeError("oops")

        assert first(serve(answering(Bad(b"x")), GET)).status == 200
        assert "RuntimeError: oops" in errors.getvalue()

    def test_start_response_not_called(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            return [b"x"]

        assert first(serve(application, GET)).status == 500
        assert "did not call start_response" in errors.getvalue()

    def test_start_response_called_twice(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            start_response("200 OK", [TYPE])
            return [b"x"]

        assert first(serve(application, GET)).status == 500
        assert "without exc_info" in errors.getvalue()

    def test_exc_info_replaces_what_has_not_gone_out(self, serve) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE, ("X-Old", "1")])
            try:
                oops()
            except RuntimeError:
                start_response("503 Service Unavailable", [TYPE], sys.exc_info())
            return [b"sorry"]

        answer = first(serve(validator(application), GET))
        assert (answer.status, answer.content) == (503, b"sorry")
        assert "x-old" not in answer.fields

    def test_exc_info_after_the_head_raises(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            yield b"one"
            try:
                oops()
            except RuntimeError:
                start_response("500 Oops", [TYPE], sys.exc_info())

        with pytest.raises(ApplicationError):
            serve(application, GET)
        assert "RuntimeError: oops" in errors.getvalue()

    def test_text_in_place_of_octets(self, serve) -> None:
        assert first(serve(answering(["text"]), GET)).status == 500

    def test_the_peer_goes_away(self, serve) -> None:
        result = Result(*([b"x"] * 10))
        memory = serve(answering(result))
        memory.connection.received(GET)
        if memory.connection.work is not None and not memory.sent:  # the call itself is work
            memory.connection.work()
            memory.connection.resumed()
        memory.close()
        assert result.closed == 1

    def test_connect(self, serve) -> None:
        memory = serve(answering([b"x"]), b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert first(memory).status == 501


class TestFileWrapper:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "file"
        path.write_bytes(b"0123456789" * 5000)
        return path

    @pytest.mark.parametrize(
        ("skip", "headers", "size"),
        [(0, [], 50000), (7, [], 49993), (0, [("Content-Length", "100")], 100), (50000, [], 0)],
    )
    def test_a_file(self, serve, path: Path, skip: int, headers, size: int) -> None:
        files = []

        def application(environ, start_response):
            file = path.open("rb")
            files.append(file)
            file.seek(skip)
            start_response("200 OK", [TYPE, *headers])
            return environ["wsgi.file_wrapper"](file, 1024)

        answer = first(serve(application, GET))
        assert answer.content == path.read_bytes()[skip : skip + size]
        assert answer.fields["content-length"] == str(size)
        assert files[0].closed

    def test_something_in_memory(self, serve) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            return environ["wsgi.file_wrapper"](io.BytesIO(b"x" * 5000), 1024)

        answer = first(serve(validator(application), GET))
        assert (len(answer.content), answer.fields["transfer-encoding"]) == (5000, "chunked")

    def test_something_that_can_not_be_closed(self, serve) -> None:
        class Source:
            pieces = iter([b"one", b"two", b""])

            def read(self, size: int) -> bytes:  # noqa: ARG002 - as a file's
                return next(self.pieces)

        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            return environ["wsgi.file_wrapper"](Source())

        assert first(serve(application, GET)).content == b"onetwo"
