"""A connection's life, without a socket: what comes in which order, what waits for what, how it ends."""

import os
import time
from pathlib import Path

import pytest
from httpd.application import Answer, Task
from httpd.connection import MOST_ANSWERS
from httpd.errors import ApplicationError
from httpd.limits import Limits
from httpd.request import Request
from httpd.response import File, Response
from memory import Recorder, connect, read_answers
from serving.protocol import FileSlice, Waiting

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def post(content: bytes, *fields: str) -> bytes:
    lines = "".join(f"{field}\r\n" for field in (f"Content-Length: {len(content)}", *fields))
    return f"POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode() + content


def statuses(octets: bytes) -> list[int]:
    return [answer.status for answer in read_answers(octets)]


class TestWaiting:
    """The driver's deadlines hang on it."""

    def test_for_the_next_request(self) -> None:
        memory = connect(Recorder())
        assert memory.waiting is Waiting.IDLE
        assert memory.receive(GET).waiting is Waiting.IDLE

    def test_for_the_rest_of_a_head(self) -> None:
        memory = connect(Recorder()).receive(GET[:9])
        assert memory.waiting is Waiting.HEAD
        assert memory.receive(GET[9:]).waiting is Waiting.IDLE
        assert statuses(memory.sent) == [200]

    def test_empty_lines_are_no_head(self) -> None:
        assert connect(Recorder()).receive(b"\r\n").waiting is Waiting.IDLE

    def test_for_content(self) -> None:
        memory = connect(Recorder()).receive(post(b"hello")[:-2])
        assert memory.waiting is Waiting.CONTENT
        assert memory.receive(b"lo").waiting is Waiting.IDLE
        assert statuses(memory.sent) == [200]


class TestEndOfFile:
    def test_between_requests(self) -> None:
        memory = connect(Recorder()).receive(GET).end()
        assert memory.ended
        assert statuses(memory.sent) == [200]

    @pytest.mark.parametrize("octets", [GET[:9], post(b"hello")[:-2]])
    def test_within_a_request(self, octets: bytes) -> None:
        memory = connect(recorder := Recorder()).receive(octets).end()
        assert memory.ended
        assert statuses(memory.sent) == [400]
        assert recorder.seen == []

    def test_after_the_request_but_before_the_answer_is_out(self) -> None:
        memory = connect(lambda _: Response.stream([b"a", b"b"]))
        memory.take(memory.connection.received(GET))
        memory.settle(memory.connection.ended())
        assert read_answers(memory.sent)[0].content == b"ab"

    def test_what_was_asked_before_it_is_answered(self) -> None:
        memory = connect(lambda _: Response.stream([b"a", b"b"]))
        memory.take(memory.connection.received(GET * 3))
        memory.settle(memory.connection.ended())
        assert [answer.content for answer in read_answers(memory.sent)] == [b"ab"] * 3


class TestDeadlines:
    def test_idle(self) -> None:
        memory = connect(Recorder()).receive(GET)
        memory.sent.clear()
        memory.settle(memory.connection.expired())
        assert memory.ended
        assert memory.sent == b""

    @pytest.mark.parametrize("octets", [GET[:9], post(b"hello")[:-2]])
    def test_within_a_request(self, octets: bytes) -> None:
        memory = connect(Recorder()).receive(octets)
        memory.settle(memory.connection.expired())
        assert memory.ended
        assert statuses(memory.sent) == [408]

    def test_of_content_that_nobody_wants(self) -> None:
        memory = connect(lambda _: Response("no", 403)).receive(post(b"hello")[:-2])
        memory.settle(memory.connection.expired())
        assert memory.ended
        assert statuses(memory.sent) == [403]


class TestPipelining:
    def test_a_bounded_number_of_answers_at_once(self) -> None:
        memory = connect(recorder := Recorder())
        output = memory.connection.received(GET * 100)
        assert len(recorder.seen) == MOST_ANSWERS + 1
        assert memory.waiting is Waiting.SENT
        memory.settle(output)
        assert statuses(memory.sent) == [200] * 100
        assert memory.waiting is Waiting.IDLE

    @pytest.mark.parametrize("head", [GET, b"GET / HTTP/1.1\r\nA: b\r\nHost: a\r\n\r\n"])
    def test_many_take_time_in_proportion(self, head: bytes) -> None:
        # Each request is looked at, not all that come after it: that would be half a minute here.
        begun = time.process_time()
        count = 600_000 // len(head)
        memory = connect(lambda _: Response(b"x")).receive(head * count)
        assert memory.requests == count
        assert time.process_time() - begun < 5

    def test_nothing_is_answered_out_of_turn(self) -> None:
        memory = connect(lambda request: Response.stream([request.path.encode()]))
        octets = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(5))
        memory.receive(octets[:70], octets[70:])
        assert [answer.content for answer in read_answers(memory.sent)] == [
            b"/%d" % number for number in range(5)
        ]

    def test_the_second_waits_for_the_first(self) -> None:
        recorder = Recorder()

        def application(request: Request) -> Answer:
            return Response.stream([b"a", b"b"]) if request.path == "/s" else recorder(request)

        memory = connect(application)
        output = memory.connection.received(b"GET /s HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
        assert recorder.seen == []
        memory.settle(output)
        assert len(recorder.seen) == 1

    def test_nothing_after_close(self) -> None:
        octets = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET
        memory = connect(recorder := Recorder()).receive(octets)
        assert len(recorder.seen) == 1
        assert memory.ended


class TestContinue:
    def test_who_waits_is_told_to_go_on(self) -> None:
        memory = connect(recorder := Recorder()).receive(post(b"hello", "Expect: 100-continue")[:-5])
        assert memory.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
        memory.receive(b"hello")
        assert statuses(memory.sent) == [100, 200]
        assert recorder.seen[0].content == b"hello"

    def test_who_does_not_wait_is_not(self) -> None:
        memory = connect(Recorder()).receive(post(b"hello", "Expect: 100-continue")[:-2], b"lo")
        assert statuses(memory.sent) == [200]

    def test_who_is_refused_at_once_may_have_sent_nothing(self) -> None:
        # Whether content follows, nobody can know: the connection ends.
        memory = connect(lambda _: Response("no", 403)).receive(post(b"hello", "Expect: 100-continue")[:-5])
        assert statuses(memory.sent) == [403]
        assert read_answers(memory.sent)[0].fields["connection"] == "close"
        assert memory.ended


class TestContentThatNobodyWants:
    def test_is_read_over(self) -> None:
        asked: list[str] = []

        def refuse(request: Request) -> Response:
            asked.append(request.path)
            return Response("no", 403)

        memory = connect(refuse).receive(post(b"hello")[:-2], b"lo" + GET)
        assert statuses(memory.sent) == [403, 403]
        assert len(asked) == 2
        assert memory.waiting is Waiting.IDLE

    def test_in_chunks(self) -> None:
        octets = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        memory = connect(lambda _: Response("no", 403)).receive(octets[:-10], octets[-10:] + GET)
        assert statuses(memory.sent) == [403, 403]

    def test_that_can_not_be_read_ends_the_connection_without_a_second_answer(self) -> None:
        octets = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        memory = connect(lambda _: Response("no", 403)).receive(octets, b"nonsense\r\n")
        assert statuses(memory.sent) == [403]
        assert memory.ended

    def test_is_read_over_up_to_a_limit(self) -> None:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
        memory = connect(lambda _: Response("no", 403), Limits(discarded=100)).receive(head, b"x" * 100)
        assert memory.waiting is Waiting.CONTENT
        assert memory.receive(b"x").ended


class TestHandlersThatTakePieces:
    def test_piece_by_piece(self) -> None:
        pieces: list[bytes] = []

        def handler(request: Request):
            while piece := (yield):
                pieces.append(piece)
            return Response(str(len(pieces)))

        memory = connect(handler).receive(post(b"hello")[:-4], b"e", b"llo")
        assert pieces == [b"h", b"e", b"llo"]
        assert read_answers(memory.sent)[0].content == b"3"

    def test_all_at_once(self) -> None:
        memory = connect(Recorder().collect).receive(post(b"hello"), GET)
        assert [answer.content for answer in read_answers(memory.sent)] == [b"hello", b""]

    def test_one_that_has_had_enough(self) -> None:
        def handler(request: Request):
            piece = yield
            return Response(piece)

        memory = connect(handler).receive(post(b"hello")[:-4], b"ello" + GET)
        assert statuses(memory.sent) == [200, 200]
        assert read_answers(memory.sent)[0].content == b"h"

    @pytest.mark.parametrize("octets", [post(b"hello"), post(b"hello")[:-2]])
    def test_one_that_wants_none(self, octets: bytes) -> None:
        def handler(request: Request):
            if request.method == "POST":
                return Response("no", 403)
            yield

        memory = connect(handler).receive(octets)
        assert statuses(memory.sent) == [403]

    def test_one_that_never_has_enough(self) -> None:
        def handler(request: Request):
            while True:
                yield

        with pytest.raises(ApplicationError, match="more content than there is"):
            connect(handler).receive(post(b"hello"))

    def test_is_closed_when_the_peer_has_gone(self) -> None:
        closed: list[bool] = []

        def handler(request: Request):
            try:
                while True:
                    yield
            finally:
                closed.append(True)

        connect(handler).receive(post(b"hello")[:-2]).close()
        assert closed == [True]


class Reading(Task):
    """Work that pulls its content."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request
        self.content = b""
        self.done = False
        self.failure: Exception | None = None

    def run(self) -> None:
        while not self.done and self.failure is None:
            self.request.peer.pull()
        self.response = Response(self.content)

    def feed(self, piece: bytes) -> None:
        self.content += piece
        self.done = not piece

    def fail(self, reason: Exception) -> None:
        self.failure = reason


class TestWork:
    def test_pulls_content(self) -> None:
        memory = connect(Reading).receive(post(b"hello")[:-4], b"e", b"llo" + GET[:5])
        assert read_answers(memory.sent)[0].content == b"hello"
        assert memory.waiting is Waiting.HEAD

    def test_whose_content_breaks_off(self) -> None:
        memory = connect(Reading).receive(post(b"hello")[:-4])
        assert statuses(memory.sent) == [400]
        assert memory.ended

    def test_whose_content_can_not_be_read(self) -> None:
        octets = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        memory = connect(Reading).receive(octets, b"5\r\nhello\r\nnonsense\r\n")
        assert statuses(memory.sent) == [400]
        assert memory.ended

    def test_that_has_no_answer(self) -> None:
        class Lost(Task):
            def run(self) -> None:
                pass

        with pytest.raises(ApplicationError, match="no answer"):
            connect(lambda _: Lost()).receive(GET)

    def test_what_comes_meanwhile_waits(self) -> None:
        class Answer(Task):
            def run(self) -> None:
                self.response = Response("done")

        memory = connect(lambda _: Answer()).receive(GET + GET)
        assert statuses(memory.sent) == [200, 200]

    def test_content_that_it_leaves_is_read_over(self) -> None:
        class Early(Reading):
            def run(self) -> None:
                self.response = Response("enough")

        memory = connect(Early).receive(post(b"hello")[:-4], b"ello" + GET[:-1], GET[-1:])
        assert statuses(memory.sent) == [200, 200]
        assert memory.waiting is Waiting.IDLE


class TestFiles:
    def test_the_kernel_sends_it_and_then_it_is_closed(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"0123456789")
        descriptor = os.open(path, os.O_RDONLY)
        memory = connect(lambda _: Response.send_file(File(descriptor, 2, 5, lambda: os.close(descriptor))))
        output = memory.connection.received(GET)
        assert isinstance(output, list)
        assert output[1] == FileSlice(descriptor, 2, 5)
        os.fstat(descriptor)
        memory.settle(output)
        assert read_answers(memory.sent)[0].content == b"23456"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)

    @pytest.mark.parametrize("method", [b"GET", b"HEAD"])
    def test_it_is_closed_when_it_is_not_sent(self, method: bytes) -> None:
        closed: list[bool] = []
        memory = connect(lambda _: Response.send_file(File(0, 0, 5, lambda: closed.append(True))))
        memory.connection.received(GET.replace(b"GET", method))
        memory.close()
        assert closed == [True]


class TestEndings:
    def test_pieces_are_closed_when_the_peer_has_gone(self) -> None:
        closed: list[bool] = []

        def pieces():
            try:
                while True:
                    yield b"x"
            finally:
                closed.append(True)

        memory = connect(lambda _: Response.stream(pieces()))
        memory.connection.received(GET)
        memory.connection.resumed()
        memory.close()
        assert closed == [True]

    def test_pieces_that_fail_break_the_connection(self) -> None:
        def pieces():
            yield b"x"
            raise RuntimeError("oops")

        with pytest.raises(RuntimeError, match="oops"):
            connect(lambda _: Response.stream(pieces())).receive(GET)

    def test_a_server_that_stops_finishes_what_is_asked_and_says_so(self) -> None:
        memory = connect(Recorder())
        memory.settle(memory.connection.stopping())
        memory.receive(GET)
        assert read_answers(memory.sent)[0].fields["connection"] == "close"
        assert memory.ended

    def test_a_spurious_wake_changes_nothing(self) -> None:
        memory = connect(Recorder()).receive(GET[:9])
        assert memory.connection.resumed() == b""
        assert memory.waiting is Waiting.HEAD

    def test_counts(self) -> None:
        memory = connect(Recorder())
        memory.receive(GET + GET, post(b"hello")[:-2], b"lo")
        assert memory.requests == 3
