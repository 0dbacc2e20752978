"""PEP 3333's write(), which start_response returns; in the loop and as work."""

import io
import sys
from wsgiref.validate import validator

import pytest
from httpd.errors import ApplicationError
from memory import read_answers
from wsgi import GET, HEAD, TYPE, Result, first, oops


class TestWrite:
    """write(): what it is given is on its way when it returns."""

    @pytest.mark.parametrize("make", [lambda: Result(b"three"), lambda: [b"three"], lambda: (b"th", b"ree")])
    def test_write(self, serve, make) -> None:
        def application(environ, start_response):
            write = start_response("200 OK", [TYPE])
            write(b"one")
            write(b"two")
            return make()

        assert first(serve(validator(application), GET)).content == b"onetwothree"

    def test_it_has_gone_when_write_returns(self, serve) -> None:
        gone: list[bytes] = []

        def application(environ, start_response):
            write = start_response("200 OK", [TYPE])
            for piece in (b"one", b"", b"two"):
                write(piece)
                gone.append(bytes(memory.sent))
            return []

        memory = serve(application)
        memory.receive(GET)
        assert gone[0].endswith(b"\r\n\r\n3\r\none\r\n")
        assert gone[1] == gone[0]
        assert gone[2] == gone[1] + b"3\r\ntwo\r\n"
        assert memory.sent == gone[2] + b"0\r\n\r\n"

    def test_answers_stay_in_order(self, serve) -> None:
        def application(environ, start_response):
            write = start_response("200 OK", [TYPE])
            if environ["PATH_INFO"] == "/write":
                write(b"written")
                return []
            return [b"returned"]

        written = GET.replace(b"/", b"/write", 1)
        memory = serve(application, GET + written + GET + written + written + GET)
        contents = [answer.content for answer in read_answers(memory.sent)]
        assert contents == [b"returned", b"written", b"returned", b"written", b"written", b"returned"]

    def test_of_known_length(self, serve) -> None:
        def application(environ, start_response):
            write = start_response("200 OK", [TYPE, ("Content-Length", "5")])
            write(b"one")
            write(b"two")
            return [b"three"]

        memory = serve(application, GET + GET)
        assert [answer.content for answer in read_answers(memory.sent)] == [b"onetw", b"onetw"]

    def test_less_than_announced(self, serve) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE, ("Content-Length", "5")])(b"one")
            return []

        with pytest.raises(ApplicationError, match="2 octets shorter"):
            serve(application, GET)

    def test_head(self, serve) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])(b"one")
            return [b"two"]

        memory = serve(application, HEAD + HEAD)
        assert memory.sent.endswith(b"\r\n\r\n")
        assert memory.sent.count(b"200 OK") == 2

    def test_to_http_1_0_it_ends_with_the_connection(self, serve) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])(b"one")
            return [b"two"]

        memory = serve(application, b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert memory.sent.endswith(b"\r\n\r\nonetwo")
        assert memory.ended

    def test_as_late_as_the_first_piece(self, serve) -> None:
        def application(environ, start_response):
            write = start_response("200 OK", [TYPE])
            write(b"one")
            yield b"two"

        assert first(serve(application, GET)).content == b"onetwo"

    def test_the_content_is_read_between(self, serve) -> None:
        def application(environ, start_response):
            write = start_response("200 OK", [TYPE])
            while piece := environ["wsgi.input"].read(4):
                write(piece)
            return [b"!"]

        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n"
        assert first(serve(application, head + b"abc", b"de", b"fgh")).content == b"abcdefgh!"

    def test_an_error_after_it_breaks_the_connection(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])(b"one")
            oops()

        with pytest.raises(ApplicationError, match="in the middle"):
            serve(application, GET)
        assert "RuntimeError: oops" in errors.getvalue()

    def test_text(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])("text")

        assert first(serve(application, GET)).status == 500
        assert "write() takes bytes, not str" in errors.getvalue()

    def test_after_the_application_has_returned(self, serve, errors: io.StringIO) -> None:
        kept = []

        def application(environ, start_response):
            write = start_response("200 OK", [TYPE])
            if environ["PATH_INFO"] == "/late":
                kept.append(write)
                return [b"one"]
            if environ["PATH_INFO"] == "/written":
                write(b"one")
                kept.append(write)
                return []
            for late in kept:
                late(b"no part of this answer")
            return [b"two"]

        late, written = (GET.replace(b"/", path, 1) for path in (b"/late", b"/written"))
        memory = serve(application, late + GET)
        assert [answer.status for answer in read_answers(memory.sent)] == [200, 500]
        kept.clear()
        memory = serve(application, written + GET)
        assert [answer.status for answer in read_answers(memory.sent)] == [200, 500]
        assert errors.getvalue().count("ApplicationError: write() was called after") == 2

    def test_a_head_that_can_not_be_is_replaced(self, serve) -> None:
        def application(environ, start_response):
            try:
                start_response("200 OK", [("X", "a\r\nEvil: 1")])
            except ApplicationError:
                start_response("503 Sorry", [TYPE], sys.exc_info())(b"two")
            return []

        answer = first(serve(application, GET))
        assert (answer.status, answer.content) == (503, b"two")

    def test_nothing_stays_of_a_head_that_is_replaced(self, serve) -> None:
        own = [("Content-Length", "1"), ("Connection", "close"), ("Date", "never")]

        def application(environ, start_response):
            try:
                start_response("200 OK", [*own, ("X", "a\0")])
            except ApplicationError:
                start_response("503 Sorry", [TYPE], sys.exc_info())
            return [b"two"]

        memory = serve(application, GET)
        answer = first(memory)
        assert (answer.status, answer.content, memory.ended) == (503, b"two", False)
        assert answer.fields.keys() == {"date", "content-type", "content-length"}
        assert answer.fields["date"] != "never"

    def test_exc_info_after_it_raises(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])(b"one")
            try:
                oops()
            except RuntimeError:
                start_response("500 Oops", [TYPE], sys.exc_info())

        with pytest.raises(ApplicationError):
            serve(application, GET)
        assert "RuntimeError: oops" in errors.getvalue()

    def test_a_peer_that_has_gone_is_no_error_of_the_application(self, serve, errors, monkeypatch) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])(b"one")
            return []

        memory = serve(application)

        def broken(output) -> None:
            if output:
                raise ConnectionResetError

        monkeypatch.setattr(memory, "take", broken)
        with pytest.raises(ConnectionResetError):
            memory.receive(GET)
        assert errors.getvalue() == ""
