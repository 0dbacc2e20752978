"""Our worker under Gunicorn's own master."""

import re
import signal
import socket
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from memory import read_answers
from peers import read_all, read_until, run, wait_until

HELLO = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
GREETING = b"Hello, World! This is an HTTP response."


def gunicorn(log: Path, application: str, *arguments: str):
    """Run Gunicorn with our worker on a free port."""
    command = [
        "-m",
        "gunicorn",
        "--worker-class",
        "httpd.gunicorn.Worker",
        "--bind",
        "127.0.0.1:0",
        "--no-control-socket",
        "--graceful-timeout",
        "5",
        *arguments,
        application,
    ]
    return run(command, log, rb"Listening at: http://[^\n]*?:(\d+)[, ]")


UPLOAD = b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"


def booted(log: Path, number: int) -> bool:
    return len(pids(log)) == number


def says(log: Path, text: str) -> bool:
    return text in log.read_text()


def pids(log: Path) -> list[int]:
    return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", log.read_text())]


@pytest.mark.parametrize("threads", ["1", "2"])
def test_it_serves(threads: str, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    arguments = ("--threads", threads, "--workers", "2", "--bind", f"unix:{path}")
    with gunicorn(tmp_path / "log", "httpd.demo:application", *arguments) as server:
        answers = read_answers(server.ask(HELLO * 20))
        assert [answer.content for answer in answers] == [GREETING] * 20
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"
        assert read_answers(server.ask(head + b"x" * 3_000_000))[0].content == b"x" * 3_000_000
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(path))
            connection.sendall(b"GET /environ HTTP/1.0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n")
            text = read_answers(read_all(connection))[0].content.decode()
        for line in (
            "REMOTE_ADDR: '203.0.113.9'",
            f"wsgi.multithread: {threads == '2'}",
            "wsgi.multiprocess: True",
        ):
            assert line in text
        assert server.stop() == 0


@pytest.mark.parametrize("threads", ["1", "2"])
def test_content_that_comes_slowly_does_not_hold_up_the_others(threads: str, tmp_path: Path) -> None:
    arguments = ("applications:counting", "--threads", threads)
    with gunicorn(tmp_path / "log", *arguments) as server, ExitStack() as stack:
        slow = [stack.enter_context(server.connect()) for _ in range(3)]  # more than there are threads
        for connection in slow:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\nab")
            assert read_answers(server.ask(HELLO))[0].content == b"0"
        for connection in slow:
            connection.sendall(b"x" * 2_999_998)
            read_until(connection, b"\r\n\r\n3000000")


def test_reload_and_graceful_stop(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with gunicorn(log, "httpd.demo:application", "--workers", "1") as server:
        for number, (sent, name) in enumerate([(signal.SIGHUP, "hup"), (signal.SIGTERM, "term")], 1):
            wait_until(partial(booted, log, number), "for the worker")
            read_answers(server.ask(HELLO))  # it serves
            with server.connect() as connection:
                connection.sendall(UPLOAD)
                read_until(connection, b"\r\n\r\n")
                server.process.send_signal(sent)
                wait_until(partial(says, log, f"Handling signal: {name}"), "for the signal")
                connection.sendall(b"hello")
                (answer,) = read_answers(read_all(connection))
                assert answer.content == b"hello"
        assert server.process.wait(20) == 0


def test_max_requests(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with gunicorn(log, "httpd.demo:application", "--max-requests", "3") as server:
        for _ in range(3):
            assert read_answers(server.ask(HELLO))[0].content == GREETING
        wait_until(lambda: len(pids(log)) == 2, "for the worker's successor")
        assert read_answers(server.ask(HELLO))[0].content == GREETING


def test_a_worker_that_hangs_is_replaced(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with gunicorn(log, "applications:hanging", "--timeout", "2") as server, server.connect() as connection:
        read_answers(server.ask(HELLO))
        before = len(pids(log))
        connection.sendall(b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until(lambda: len(pids(log)) > before, "for the worker's successor")
        assert read_answers(server.ask(HELLO))[0].content == b"ok"
        assert "WORKER TIMEOUT" in log.read_text()


def test_a_worker_whose_master_has_gone_goes_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with gunicorn(log, "httpd.demo:application") as server:
        read_answers(server.ask(HELLO))
        (pid,) = pids(log)
        server.process.kill()
        server.process.wait()
        wait_until(lambda: not alive(pid), "for the worker to end")


def test_an_application_that_fails_to_load(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with gunicorn(log, "nowhere:application") as server:
        assert server.process.wait(20) != 0
    assert "No module named 'nowhere'" in log.read_text()


def test_tls_is_refused_with_a_sentence(tmp_path: Path) -> None:
    log = tmp_path / "log"
    (tmp_path / "key").write_text("")
    arguments = ("--certfile", str(tmp_path / "key"), "--keyfile", str(tmp_path / "key"))
    command = [
        "-m",
        "gunicorn",
        "-k",
        "httpd.gunicorn.Worker",
        "-b",
        "127.0.0.1:0",
        "--no-control-socket",
        *arguments,
    ]
    with run([*command, "httpd.demo:application"], log, rb"Listening at: https://[^\n]*?:(\d+)[, ]"):
        wait_until(lambda: "does not speak TLS" in log.read_text(), "for the sentence")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the second if it goes while it is read
        return False
