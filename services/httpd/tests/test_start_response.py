"""PEP 3333's way back, with the standard library's validator in between; in the loop and as work."""

import io
import sys
from http import HTTPStatus
from wsgiref.validate import validator

import pytest
from httpd.errors import ApplicationError
from httpd.wsgi.start_response import MOST_LINES
from memory import read_answers
from wsgi import GET, HEAD, TYPE, Result, answering, first, oops


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

    def test_head_without_content_says_nothing_about_its_length(self, serve) -> None:
        assert "content-length" not in first(serve(answering([]), HEAD), "HEAD").fields
        assert first(serve(answering([]), GET)).fields["content-length"] == "0"

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

    def test_start_response_as_late_as_the_first_piece(self, serve) -> None:
        def application(environ, start_response):
            start_response("202 Accepted", [TYPE])
            yield b"x"

        assert first(serve(application, GET)).status == HTTPStatus.ACCEPTED


class TestHeads:
    @pytest.mark.parametrize(
        ("status", "headers"),
        [
            ("200 OK\r\nEvil: 1", []),
            ("OK", []),
            ("20 OK", []),
            ("101 Switching Protocols", []),
            ("199", []),
            ("200 OK", [("X", "a\r\nEvil: 1")]),
            ("200 OK", [("X\r\nEvil", "1")]),
            ("200 OK", [("X: 1\r\nEvil", "1")]),
            ("200 OK", [("X", "a\0")]),
            ("200 OK", [("X", "\u2028")]),
            ("200 OK", [("X Y", "a")]),
            ("200 OK", [("X: Evil", "a")]),
            ("200 OK", [("Evil:", "a")]),
            ("200 OK", [("", "a")]),
            ("200 OK", [("X", 1)]),
            ("200 OK", [(b"X", b"1")]),
            ("200 OK", [("Content-Length", "-1")]),
            ("200 OK", [("Content-Length", "1, 1")]),
            ("200 OK", [("Content-Length", "²")]),
        ],
    )
    def test_a_head_that_can_not_be(self, serve, errors: io.StringIO, status: str, headers) -> None:
        def application(environ, start_response):
            start_response(status, headers)
            errors.write("the application went on")
            return [b"x"]

        memory = serve(application, GET + GET)
        assert [answer.status for answer in read_answers(memory.sent)] == [500, 500]
        assert b"Evil" not in memory.sent
        assert "Traceback" in errors.getvalue()
        assert "went on" not in errors.getvalue()

    def test_what_is_known_to_be_right_has_an_end(self, serve, monkeypatch) -> None:
        monkeypatch.setattr("httpd.wsgi.start_response.LINES", known := {})
        for number in range(MOST_LINES + 10):
            fields = ("Vary", f"X-{number}"), ("Set-Cookie", f"secret={number}"), ("ETag", f'"{number}"')
            memory = serve(answering([], "200 OK", *fields), GET + GET)
            assert [answer.fields["vary"] for answer in read_answers(memory.sent)] == [f"X-{number}"] * 2
        assert len(known) == MOST_LINES
        assert {name for name, _ in known}.isdisjoint({"Set-Cookie", "ETag"})
        bad = serve(answering([], "200 OK", ("Vary", "X-1\r\nEvil: 1")), GET)
        assert first(bad).status == 500

    def test_start_response_not_called(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            return [b"x"]

        assert first(serve(application, GET)).status == 500
        assert "did not call start_response" in errors.getvalue()

    def test_a_bad_replacement_replaces_all_the_same(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            with pytest.raises(ApplicationError):
                start_response("200 OK", [("X", "a\0")], (RuntimeError, RuntimeError(), None))
            return [b"x"]

        assert first(serve(application, GET)).status == 500
        assert "or went on after that had failed" in errors.getvalue()

    def test_start_response_called_twice(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            start_response("200 OK", [TYPE])
            return [b"x"]

        assert first(serve(application, GET)).status == 500
        assert "without exc_info" in errors.getvalue()

    def test_start_response_called_again_after_it_failed(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            with pytest.raises(ApplicationError):
                start_response("200 OK", [("Content-Length", "1"), ("X", "a\0")])
            start_response("200 OK", [TYPE])
            return [b"xy"]

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
