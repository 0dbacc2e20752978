"""PEP 3333's way in, and what becomes of an application's errors; in the loop and as work."""

import asyncio
import io
import sys
from contextlib import nullcontext
from itertools import chain
from unittest.mock import Mock
from wsgiref.validate import validator

import pytest
from httpd.errors import ApplicationError
from httpd.wsgi.environ import EnvironWriter
from httpd.wsgi.gateway import WORTH_A_THREAD, Gateway
from memory import Memory, connect, read_answers
from serving.protocol import Waiting
from wsgi import GET, TYPE, Result, answering, first

#: No Exceptions: they would end a thread, or the server.
ENDS = [SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError]


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

    def test_read_while_the_response_is_made(self, serve, octets: bytes) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            yield b"<"
            while piece := environ["wsgi.input"].read(4):
                yield piece
            yield b">"

        memory = serve(application, octets[:-20], octets[-20:-9], octets[-9:], GET)
        assert [answer.content for answer in read_answers(memory.sent)] == [b"<%b>" % self.CONTENT, b"<>"]

    def test_what_is_not_read_while_the_response_is_made_is_read_over(self, serve, octets: bytes) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            yield b"<"
            yield environ["wsgi.input"].read(1)

        memory = serve(application, octets[:-20], octets[-20:], GET)
        assert [answer.content for answer in read_answers(memory.sent)] == [b"<" + self.CONTENT[:1], b"<"]

    @pytest.mark.parametrize("returned", [True, False])
    def test_it_breaks_off_in_the_middle_of_a_response(self, serve, octets: bytes, returned: bool) -> None:
        """An application that makes do with what has come: its response is whole, and the last one."""

        def application(environ, start_response):
            write = start_response("200 OK", [TYPE])
            if returned:
                return chain([b"one"], pieces(environ))
            write(b"one")
            return list(pieces(environ))

        def pieces(environ):
            try:
                environ["wsgi.input"].read()
            except OSError:
                yield b"two"

        memory = serve(application, octets[:-20])
        if memory.ended:
            assert [answer.content for answer in read_answers(memory.sent)] == [b"onetwo"]
        else:  # in the loop it is called when the content is here, which it never is
            assert not memory.sent

    def test_it_breaks_off_when_it_has_been_answered(self, serve, octets: bytes) -> None:
        memory = serve(answering([b"ok"]), octets[:-20])
        memory.end()
        answers = read_answers(memory.sent)
        assert [answer.status for answer in answers] in ([200], [400])  # 400: see above
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


class TestThreads:
    """When a content that is on its way is worth one of the driver's threads."""

    MUCH = WORTH_A_THREAD + 10

    def begin(self, content: bytes, *fields: bytes, size: int = MUCH) -> Memory:
        """A head and the beginning of a content, for an application that may block."""
        self.called = 0
        self.read: list[bytes] = []

        def application(environ, start_response):
            self.called += 1
            try:
                while piece := environ["wsgi.input"].read(WORTH_A_THREAD):
                    self.read.append(piece)
            except OSError:
                self.read.append(b"it broke off")
                raise
            start_response("200 OK", [TYPE])
            return [b"ok"]

        gateway = Gateway(application, EnvironWriter(multithread=True, multiprocess=False))
        fields = fields or (b"Content-Length: %d" % size,)
        return connect(gateway).receive(b"\r\n".join((b"POST / HTTP/1.1", b"Host: a", *fields, b"", content)))

    def test_little_is_waited_for_without_one(self) -> None:
        memory = self.begin(b"x", size=10)
        for _ in range(8):
            memory.receive(b"x")
            assert (memory.waiting, self.called) == (Waiting.CONTENT, 0)
        memory.receive(b"x" + GET)
        assert [answer.status for answer in read_answers(memory.sent)] == [200, 200]
        assert (self.called, self.read) == (2, [b"x" * 10])

    @pytest.mark.parametrize("more", [0, 1])
    def test_much_begins_before_it_ends(self, more: int) -> None:
        memory = self.begin(b"x" * 5)
        memory.receive(b"x" * (WORTH_A_THREAD - 6))
        assert (memory.waiting, self.called) == (Waiting.CONTENT, 0)
        memory.receive(b"x" * (1 + more), b"y" * (10 - more) + GET)  # the second is asked for by the call
        assert [answer.status for answer in read_answers(memory.sent)] == [200, 200]
        assert b"".join(self.read) == b"x" * (WORTH_A_THREAD + more) + b"y" * (10 - more)

    def test_all_of_it_with_the_end_of_a_head_that_came_late(self) -> None:
        memory = self.begin(b"", b"Content-Length: 3", b"X: 1")
        assert memory.waiting is Waiting.CONTENT
        late = connect(memory.connection._service.application)
        late.receive(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Len", b"gth: 3\r\n\r\nabc")
        assert (first(late).status, self.read) == (200, [b"abc"])

    def test_expect_is_told_at_once(self) -> None:
        memory = self.begin(b"", b"Content-Length: 3", b"Expect: 100-continue")
        assert (memory.sent, memory.waiting) == (b"HTTP/1.1 100 Continue\r\n\r\n", Waiting.CONTENT)
        memory.receive(b"abc")
        assert [answer.status for answer in read_answers(memory.sent)] == [100, 200]

    @pytest.mark.parametrize(
        ("content", "status"),
        [(b"nonsense\r\n", 400), (b"3\r\nabc\r\nnonsense\r\n", 400), (b"3\r\nabc\r\nffffff\r\n", 413)],
    )
    def test_what_is_refused_is_never_called(self, content: bytes, status: int) -> None:
        memory = self.begin(content, b"Transfer-Encoding: chunked")
        assert (first(memory).status, memory.ended, self.called) == (status, True, 0)

    def test_what_does_not_come_in_time_is_never_called(self) -> None:
        memory = self.begin(b"x")
        memory.take(memory.connection.expired())
        assert (first(memory).status, memory.ended, self.called) == (408, True, 0)

    def test_what_breaks_off_is_never_called(self) -> None:
        memory = self.begin(b"x").end()
        assert (first(memory).status, memory.ended, self.called) == (400, True, 0)

    def test_much_that_breaks_off(self) -> None:
        memory = self.begin(b"x" * WORTH_A_THREAD)
        assert self.read == [b"x" * WORTH_A_THREAD, b"it broke off"]
        assert (first(memory).status, memory.ended) == (400, True)


class TestErrors:
    @pytest.mark.parametrize("late", [False, True])
    @pytest.mark.parametrize("reset", [False, True])
    def test_content_that_breaks_off_is_no_fault_of_who_reads_it(
        self, errors: io.StringIO, late: bool, reset: bool
    ) -> None:
        """The peer is told, if it is there, and the log has no traceback: it would be the peer's to fill."""
        read = []

        def application(environ, start_response):
            if not late:
                read.append(environ["wsgi.input"].read())
            start_response("200 OK", [TYPE])
            yield b"one"
            read.append(environ["wsgi.input"].read())

        writer = EnvironWriter(multithread=True, multiprocess=False)
        memory = connect(Gateway(application, writer, errors=errors))
        if reset:
            memory.pull = Mock(side_effect=ConnectionResetError("it has reset the connection"))
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        with pytest.raises(OSError, match="broke off") if late else nullcontext():
            memory.receive(head + b"10000\r\n" + b"x" * WORTH_A_THREAD, b"\r\nnonsense\r\n")
        if not late and not reset:
            assert (first(memory).status, memory.ended) == (400, True)
        assert (read, errors.getvalue()) == ([], "")

    def test_raised_before_the_head(self, serve, errors: io.StringIO) -> None:
        def application(environ, start_response):
            raise RuntimeError("oops")

        memory = serve(application, GET + GET)
        assert [answer.status for answer in read_answers(memory.sent)] == [500, 500]
        assert b"oops" not in memory.sent
        assert "GET / failed" in errors.getvalue()
        assert "RuntimeError: oops" in errors.getvalue()

    @pytest.mark.parametrize("error", ENDS)
    def test_what_would_end_us(self, serve, errors: io.StringIO, error: type[BaseException]) -> None:
        def application(environ, start_response):
            raise error

        assert first(serve(application, GET)).status == 500
        assert error.__name__ in errors.getvalue()

    @pytest.mark.parametrize("error", ENDS)
    def test_what_would_end_us_after_the_head(self, serve, error: type[BaseException]) -> None:
        with pytest.raises(ApplicationError):
            serve(answering(Result(b"one", error())), GET)

    def test_exit_where_it_is_meant(self) -> None:
        def application(environ, start_response):
            sys.exit(3)

        write_environ = EnvironWriter(multithread=False, multiprocess=False)
        gateway = Gateway(application, write_environ, inline=True, gather=True, exits=True)
        with pytest.raises(SystemExit):
            connect(gateway).receive(GET)

    @pytest.mark.parametrize("error", [RuntimeError, *ENDS])
    def test_raised_by_the_first_piece(self, serve, error: type[BaseException]) -> None:
        result = Result(error("oops"))
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
