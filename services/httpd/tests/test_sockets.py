"""Under every model, over a real socket: the corpus, real clients, and peers that misbehave."""

import http.client
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from corpus import INVALID, VALID
from memory import read_answers
from peers import MODELS, Server, httpd, read_all, read_until, readable, run

HELLO = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
GREETING = b"Hello, World! This is an HTTP response."

#: Models in which a connection does not wait for another one to end.
CONCURRENT = ("threads", "prefork", "selector", "asyncio")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def recorder(model: str, folder: Path) -> Iterator[Server]:
    with run(["recorder.py", model], folder / f"recorder-{model}") as server:
        yield server
        assert server.stop() == 0


@pytest.fixture(scope="module")
def native(model: str, folder: Path) -> Iterator[Server]:
    with httpd(folder / f"native-{model}", "--model", model) as server:
        yield server
        assert server.stop() == 0


@pytest.fixture(scope="module", params=["handlers", "WSGI in the loop", "WSGI in threads"])
def server(request: pytest.FixtureRequest, model: str, folder: Path) -> Iterator[Server]:
    arguments = ["--model", model]
    if request.param != "handlers":
        arguments += [
            "--app",
            "httpd.demo:application",
            "--threads",
            "2" if "threads" in request.param else "0",
        ]
    with httpd(folder / f"{request.param}-{model}", *arguments) as server:
        yield server
        assert server.stop() == 0


def test_the_corpus(recorder: Server) -> None:
    for case in [*VALID, *INVALID]:
        answers = read_answers(recorder.ask(case.octets), [one.method for one in case.requests])
        assert len(answers) == len(case.requests) + (case.refusal is not None), case
        for expected, answer in zip(case.requests, answers, strict=False):
            if expected.method != "HEAD":
                seen = json.loads(answer.content)
                content = seen["content"].encode("latin-1")
                assert (seen["method"], seen["target"], content) == (
                    expected.method,
                    expected.target,
                    expected.content,
                )
        if case.refusal is not None:
            assert answers[-1].status == case.refusal, case


class TestClients:
    """Programs that others wrote."""

    def test_http_client(self, server: Server) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        for _ in range(3):
            connection.request("GET", "/hello")
            assert connection.getresponse().read() == GREETING
            connection.request("HEAD", "/hello")
            assert connection.getresponse().read() == b""
            connection.request("POST", "/echo", body=iter([b"one", b"two"]), encode_chunked=True,
                               headers={"Transfer-Encoding": "chunked"})  # fmt: skip
            assert connection.getresponse().read() == b"onetwo"
            connection.request("POST", "/echo", body=b"x" * 500_000)
            assert connection.getresponse().read() == b"x" * 500_000
        connection.close()

    def test_urllib(self, server: Server) -> None:
        root = f"http://127.0.0.1:{server.port}"
        with urllib.request.urlopen(f"{root}/hello", timeout=20) as answer:
            assert answer.read() == GREETING
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(f"{root}/nowhere", timeout=20)
        assert error.value.code == 404
        error.value.close()

    def test_curl(self, server: Server, tmp_path: Path) -> None:
        curl = shutil.which("curl")
        assert curl, "install curl"
        (tmp_path / "content").write_bytes(b"y" * 300_000)
        root = f"http://127.0.0.1:{server.port}"

        def ask(*arguments: str) -> bytes:
            command = [curl, "--silent", "--show-error", "--fail", "--max-time", "20", *arguments]
            return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout

        assert ask(f"{root}/hello", f"{root}/hello") == GREETING * 2
        assert ask("--http1.0", f"{root}/hello") == GREETING
        upload = ["--data-binary", f"@{tmp_path / 'content'}", f"{root}/echo"]
        assert ask(*upload) == b"y" * 300_000
        assert ask("-H", "Expect: 100-continue", *upload) == b"y" * 300_000
        assert ask("-H", "Transfer-Encoding: chunked", *upload) == b"y" * 300_000

    def test_pipelined_and_half_closed(self, server: Server) -> None:
        answers = read_answers(server.ask(HELLO * 50))
        assert [answer.content for answer in answers] == [GREETING] * 50


def test_the_page_and_its_image(native: Server) -> None:
    (page, image) = read_answers(
        native.ask(
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /test.jpg HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
    )
    assert b"test.jpg" in page.content
    assert image.content.startswith(b"\xff\xd8")


def test_what_was_counted(native: Server) -> None:
    def ask() -> dict[str, int]:
        return json.loads(read_answers(native.ask(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"))[0].content)

    if native.process.args[-1] == "prefork":
        return  # one of several processes answers
    before = ask()
    for _ in range(3):
        native.ask(HELLO * 2)
    after = ask()
    assert after["requests"] - before["requests"] == 7
    assert after["accepted"] - before["accepted"] == 4


@pytest.fixture(scope="module", params=CONCURRENT)
def hasty(request: pytest.FixtureRequest, folder: Path) -> Iterator[Server]:
    # A second is as long as a busy machine may make a test wait between two of its lines.
    limits = "idle=1,head=0.4,content=1,unread=0.6,linger=0.4"
    arguments = ("--model", request.param, "--limits", limits)
    with httpd(folder / f"deadlines-{request.param}", *arguments) as server:
        yield server


class TestDeadlines:
    """Each has its own; the driver keeps them, the protocol says which."""

    def test_a_head_that_trickles_in(self, hasty: Server) -> None:
        # Every octet comes in time; the head does not.
        with hasty.connect() as connection:
            begun = time.monotonic()
            for octet in b"GET /" + b"a" * 1000:
                connection.sendall(bytes([octet]))
                if readable(connection, 0.05):
                    break
            assert read_answers(read_all(connection))[0].status == 408
            assert time.monotonic() - begun < 20  # all of it would take 50

    def test_content_that_does_not_come(self, hasty: Server) -> None:
        with hasty.connect() as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
            assert read_answers(read_all(connection))[0].status == 408

    def test_content_that_comes_slowly_is_waited_for(self, hasty: Server) -> None:
        with hasty.connect() as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
            for octet in b"hello":
                connection.sendall(bytes([octet]))
                assert octet == ord("o") or not readable(connection, 0.3)
            connection.sendall(HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert [answer.content for answer in read_answers(read_all(connection))] == [b"hello", GREETING]

    def test_idle(self, hasty: Server) -> None:
        with hasty.connect() as connection:
            connection.sendall(HELLO)
            assert [answer.content for answer in read_answers(read_all(connection))] == [GREETING]

    def test_a_peer_that_does_not_read(self, hasty: Server) -> None:
        # More than all buffers hold; others are served meanwhile, and the end is a reset.
        with hasty.connect(SO_RCVBUF=4096) as connection:
            connection.settimeout(5)
            try:
                for _ in range(400):
                    connection.sendall(b"GET /test.jpg HTTP/1.1\r\nHost: a\r\n\r\n" * 10)
            except OSError:
                pass  # it reads no more either
            assert read_answers(hasty.ask(HELLO))[0].content == GREETING
            connection.settimeout(20)
            assert ends_with_reset(connection)


def test_many_idle_connections_beside_live_traffic(folder: Path) -> None:
    with httpd(folder / "idle", "--limits", "head=60") as server:
        idle = [server.connect() for _ in range(1000)]
        for connection in idle:
            connection.sendall(HELLO[:7])
        with server.connect() as live:
            for _ in range(200):
                live.sendall(HELLO)
                read_until(live, GREETING)
        for connection in idle[::50]:
            connection.sendall(HELLO[7:])
            read_until(connection, GREETING)
        for connection in idle:
            connection.close()


@pytest.mark.parametrize("model", CONCURRENT[2:])
def test_one_connection_too_many(model: str, folder: Path) -> None:
    with httpd(folder / f"full-{model}", "--model", model, "--limits", "connections=3") as server:
        inside = [server.connect() for _ in range(3)]
        for connection in inside:
            connection.sendall(HELLO)
            read_until(connection, GREETING)
        with server.connect() as outside:
            assert read_answers(read_all(outside))[0].status == 503
        for connection in inside:
            connection.sendall(HELLO)
            read_until(connection, GREETING)
            connection.close()


@pytest.mark.parametrize("model", CONCURRENT)
def test_it_stops_when_what_is_in_flight_is_finished(model: str, folder: Path) -> None:
    with httpd(folder / f"stop-{model}", "--model", model) as server, server.connect() as connection:
        connection.sendall(
            b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        read_until(connection, b"\r\n\r\n")
        server.process.terminate()
        connection.sendall(b"hello")
        (answer,) = read_answers(read_all(connection))
        assert answer.content == b"hello"
        connection.close()
        assert server.process.wait(20) == 0


class TestApplications:
    @pytest.mark.parametrize("model", ["selector", "asyncio"])
    def test_a_slow_one_does_not_hold_up_the_others(self, model: str, folder: Path) -> None:
        arguments = ("--model", model, "--app", "applications:meeting", "--threads", "2")
        with httpd(folder / f"meeting-{model}", *arguments) as server, server.connect() as waiting:
            waiting.sendall(b"GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert read_answers(server.ask(b"GET /release HTTP/1.1\r\nHost: a\r\n\r\n"))[0].content == b"ok"
            assert read_answers(read_all(waiting))[0].content == b"met"

    @pytest.mark.parametrize(("model", "threads"), [("selector", "2"), ("asyncio", "2"), ("threads", "0")])
    def test_what_is_written_arrives_before_the_application_returns(
        self, model: str, threads: str, folder: Path
    ) -> None:
        arguments = ("--model", model, "--app", "applications:writing", "--threads", threads)
        with httpd(folder / f"writing-{model}", *arguments) as server, server.connect() as connection:
            connection.sendall(HELLO)
            read_until(connection, b"\r\n\r\n3\r\none\r\n")
            assert read_answers(server.ask(b"GET /release HTTP/1.1\r\nHost: a\r\n\r\n"))[0].content == b"ok"
            assert read_until(connection, b"0\r\n\r\n") == b"3\r\ntwo\r\n0\r\n\r\n"

    @pytest.mark.parametrize("threads", ["0", "2"])
    @pytest.mark.parametrize("model", MODELS)
    def test_much_is_written_at_the_pace_of_its_reader(self, model: str, threads: str, folder: Path) -> None:
        arguments = ("--model", model, "--app", "applications:writing_much", "--threads", threads)
        with httpd(folder / f"much-{model}-{threads}", *arguments) as server:
            (answer,) = read_answers(server.ask(HELLO))
            assert answer.content == b"x" * 10_000_000

    @pytest.mark.parametrize("model", ["selector", "asyncio"])
    def test_content_that_comes_slowly_does_not_hold_up_the_loop(self, model: str, folder: Path) -> None:
        arguments = ("--model", model, "--app", "applications:counting", "--threads", "0")
        with httpd(folder / f"slowly-{model}", *arguments) as server, server.connect() as slow:
            slow.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
            assert read_answers(server.ask(HELLO))[0].content == b"0"
            slow.sendall(b"cde")
            read_until(slow, b"\r\n\r\n5")

    @pytest.mark.parametrize("model", ["selector", "asyncio"])
    def test_many_who_send_slowly_hold_no_thread(self, model: str, folder: Path) -> None:
        arguments = ("--model", model, "--app", "applications:counting", "--threads", "1")
        with httpd(folder / f"slow-{model}", *arguments) as server, ExitStack() as stack:
            slow = [stack.enter_context(server.connect()) for _ in range(20)]
            for connection in slow:
                connection.sendall(
                    b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 60001\r\n\r\n"
                )
                assert read_until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
                connection.sendall(b"x" * 60_000)
                assert read_answers(server.ask(HELLO))[0].content == b"0"
            for connection in slow:
                connection.sendall(b"x")
                read_until(connection, b"\r\n\r\n60001")

    @pytest.mark.parametrize("model", ["selector", "asyncio"])
    def test_a_large_upload_is_read_while_it_comes(self, model: str, folder: Path) -> None:
        arguments = ("--model", model, "--app", "applications:measuring", "--threads", "1")
        with httpd(folder / f"measuring-{model}", *arguments) as server, server.connect() as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n")
            connection.sendall(b"x" * 65_536)
            read_until(connection, b"\r\n\r\n6\r\n65536\n\r\n")
            connection.sendall(b"x")
            read_until(connection, b"2\r\n1\n\r\n0\r\n\r\n")

    @pytest.mark.parametrize("model", ["iterative", "threads", "prefork"])
    def test_a_response_is_made_of_content_that_is_still_coming(self, model: str, folder: Path) -> None:
        arguments = ("--model", model, "--app", "applications:echoing")
        with httpd(folder / f"echoing-{model}", *arguments) as server, server.connect() as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
            read_until(connection, b"1\r\n<\r\n2\r\nab\r\n")
            connection.sendall(b"cd" + HELLO)
            end = b"1\r\n>\r\n0\r\n\r\n"
            rest = read_until(connection, b"1\r\n<\r\n" + end)
            assert rest.startswith(b"2\r\ncd\r\n" + end + b"HTTP/1.1 200 OK\r\n")

    @pytest.mark.parametrize("threads", ["0", "2"])
    def test_an_endless_response_waits_for_its_reader(self, threads: str, folder: Path) -> None:
        arguments = ("--app", "applications:endless", "--threads", threads)
        with httpd(folder / f"endless-{threads}", *arguments) as server:
            with server.connect(SO_RCVBUF=4096) as connection:
                connection.sendall(HELLO)
                assert len(read_some(connection, 1_000_000)) >= 1_000_000
                with server.connect(SO_RCVBUF=4096) as other:  # it is not in the others' way
                    other.sendall(HELLO)
                    assert read_some(other, 100_000)
            peak = int(
                (Path("/proc") / str(server.process.pid) / "status").read_text().split("VmHWM:")[1].split()[0]
            )
            assert peak < 100_000, "kilobytes: it holds what nobody reads"

    @pytest.mark.parametrize("threads", ["0", "2"])
    def test_an_error_after_the_head_breaks_the_connection(self, threads: str, folder: Path) -> None:
        log = folder / f"failing-{threads}"
        arguments = ("--app", "applications:failing", "--threads", threads)
        with httpd(log, *arguments) as server, server.connect() as connection:
            connection.sendall(HELLO)
            assert ends_with_reset(connection)
        assert "RuntimeError: oops" in log.read_text()

    @pytest.mark.parametrize("threads", ["0", "2"])
    @pytest.mark.parametrize("model", MODELS)
    def test_content_is_streamed_to_it(self, model: str, threads: str, folder: Path) -> None:
        arguments = ("--model", model, "--app", "applications:counting", "--threads", threads)
        with (
            httpd(folder / f"counting-{model}-{threads}", *arguments) as server,
            server.connect() as connection,
        ):
            for size in (1, 70_000, 1_000_000):
                connection.sendall(
                    b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % size
                )
                read_until(connection, b"HTTP/1.1 100 Continue\r\n\r\n")
                connection.sendall(b"x" * (size // 2))
                connection.sendall(b"x" * (size - size // 2))
                read_until(connection, b"\r\n\r\n" + str(size).encode())


def ends_with_reset(connection: socket.socket) -> bool:
    """Read to the end, and tell how it was: by a reset, or as if all had been said."""
    try:
        read_all(connection)
    except ConnectionResetError:
        return True
    return False


def read_some(connection: socket.socket, size: int) -> bytes:
    octets = b""
    while len(octets) < size and (piece := connection.recv(65536)):
        octets += piece
    return octets
