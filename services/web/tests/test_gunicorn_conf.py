"""The site as it is really served: Gunicorn with our configuration, over a socket."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest


def test_it_serves(gunicorn, tmp_path):
    with gunicorn(tmp_path) as (port, _, log):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

        def ask(*request, **more):
            connection.request(*request, **more)
            response = connection.getresponse()
            return response.status, response.read()

        assert ask("GET", "/hello/") == (200, b"Hello, World! This is an HTTP response.")
        kept = connection.sock
        assert ask("HEAD", "/hello/") == (200, b"")
        assert ask("POST", "/echo", b"\x00\xff hi") == (200, b"\x00\xff hi")
        # Content in chunks, whose length Django doesn't know.
        assert ask("POST", "/echo", iter([b"in ", b"pieces"]), encode_chunked=True) == (200, b"in pieces")
        assert ask("GET", "/nothing")[0] == 404
        assert connection.sock is kept  # keep-alive, all along
        # Only nginx's word counts for how the visitor came, and only for the scheme.
        _, page = ask("GET", "/", headers={"X-Forwarded-Host": "evil.example"})
        assert b"evil.example" not in page
        # Whoever sends too much is told so; the connection ends, as the rest of it is not read.
        assert ask("POST", "/echo", iter([b"x" * 2**20, b"x"]), encode_chunked=True)[0] == 413
        connection.close()
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert {(event["level"], event["logger"]) for event in events} == {("INFO", "gunicorn.error")}, events
    assert not any("GET" in event["event"] for event in events)


def test_a_forwarded_scheme_is_believed_from_nginx_only(gunicorn, tmp_path):
    def page(port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/", headers={"X-Forwarded-Proto": "https"})
        content = connection.getresponse().read().decode()
        connection.close()
        return content

    with gunicorn(tmp_path) as (port, _, _log):
        assert f"https://127.0.0.1:{port}/echo" in page(port)
    with gunicorn(tmp_path, FORWARDED_ALLOW_IPS="10.0.0.1") as (port, _, _log):
        assert f"http://127.0.0.1:{port}/echo" in page(port)


def test_an_access_log_for_those_who_want_one(gunicorn, tmp_path, capfd):
    with gunicorn(tmp_path, WEB_ACCESS_LOG="1") as (port, _, _log):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/hello/")
        assert connection.getresponse().read()
        connection.close()
    events = [json.loads(line)["event"] for line in capfd.readouterr().out.splitlines()]
    assert any('"GET /hello/ HTTP/1.1" 200 39' in event for event in events)


def test_what_is_in_flight_is_finished(gunicorn, tmp_path):
    with (
        gunicorn(tmp_path) as (port, process, _log),
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
    ):
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nha")
        wait_until_read(connection)
        process.send_signal(signal.SIGTERM)
        connection.sendall(b"lf")
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.read() == b"half"
        response.close()


def test_who_does_not_close_keeps_nobody_waiting(gunicorn, tmp_path):
    """Twenty who were told to close and don't: Gunicorn's own worker would wait for each, two seconds."""
    with gunicorn(tmp_path) as (port, _process, _log), contextlib.ExitStack() as stack:
        begin = time.monotonic()
        for _ in range(20):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            sock.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            file = stack.enter_context(sock.makefile("rb"))
            assert file.read().startswith(b"HTTP/1.1 200 OK")
        assert time.monotonic() - begin < 20


def test_who_waits_at_the_door_when_it_stops_is_let_in_and_nobody_after(gunicorn, tmp_path):
    with gunicorn(tmp_path) as (port, process, _log), contextlib.ExitStack() as stack:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as first:  # it serves by now
            first.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert first.recv(4096)
        everybody = [psutil.Process(process.pid), *psutil.Process(process.pid).children()]
        for each in everybody:
            each.suspend()
        queue = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)) for _ in range(16)
        ]
        for sock in queue:
            sock.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        process.send_signal(signal.SIGTERM)
        for each in everybody:
            each.resume()
        for sock in queue:
            with sock.makefile("rb") as file:
                assert file.read().startswith(b"HTTP/1.1 200 OK")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=30)
        assert process.wait(15) == 0


def test_who_is_told_twice_to_stop_waits_for_nobody(gunicorn, tmp_path):
    with (
        gunicorn(tmp_path, WEB_GRACEFUL_TIMEOUT="500") as (port, process, _log),
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
    ):
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nha")
        wait_until_read(connection)
        process.send_signal(signal.SIGTERM)
        wait_until_refused(port)  # two at once would be one
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def wait_until_refused(port):
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
        except ConnectionRefusedError:
            return
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_until_read(connection):
    """Wait until the other side has taken what was sent: its receive queue, in /proc/net/tcp, is empty."""
    ports = (connection.getpeername()[1], connection.getsockname()[1])
    deadline = time.monotonic() + 10
    while ports not in {row[:2] for row in connections() if row[2] == 0}:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def connections():
    """Each TCP connection's own port, its peer's, and the number of bytes that wait to be read."""
    for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, own, peer, _, queues, *_ = row.split()
        yield int(own[9:], 16), int(peer[9:], 16), int(queues[9:], 16)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("WEB_WORKERS", "many", "web: WEB_WORKERS is 'many': set it to a whole number from 1 to 256."),
        ("WEB_LISTEN", "8002", "web: WEB_LISTEN is '8002': set it to host:port, such as 127.0.0.1:8002."),
        ("SECRET_KEY_FILE", "/proc/key", "set SECRET_KEY_FILE to a file in a folder"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [["gunicorn", "-c", "python:web.gunicorn_conf", "web.wsgi"], ["web", "check"]],
    ids=["gunicorn", "web"],
)
def test_a_wrong_setting_is_one_sentence(command, variable, value, sentence):
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr


def test_the_deployment_check_is_clean():
    done = subprocess.run(
        [sys.executable, "-m", "web", "check", "--deploy", "--fail-level", "INFO"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, "no issues (3 silenced)" in done.stdout + done.stderr) == (0, True)
