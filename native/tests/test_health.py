"""Each probe against a service that is well, one that is not, and none."""

import http.server
import json
import socket
import socketserver
import threading
from contextlib import contextmanager

import pytest

from native import health
from native.health import Unhealthy
from native.ports import free_ports


@contextmanager
def serving(handler):
    """A TCP server in a thread, with a handler that takes the connection."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            handler(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def answering(status, content):
    """An HTTP server that has one answer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words):
            """Say nothing."""

    with serving(lambda connection: Handler(connection, ("", 0), None)) as port:
        yield port


def echo(connection):
    connection.sendall(connection.recv(4096))


def words(probe):
    with pytest.raises(Unhealthy) as caught:
        probe()
    return str(caught.value)


class TestTcpEcho:
    def test_well(self):
        with serving(echo) as port:
            health.tcp_echo("127.0.0.1", port)()

    def test_something_else_comes_back(self):
        with serving(lambda connection: connection.sendall(b"220 mail")) as port:
            assert words(health.tcp_echo("127.0.0.1", port)) == "it does not echo: b'220 mail'"

    def test_nobody_there(self):
        assert words(health.tcp_echo("127.0.0.1", free_ports(1)[0])) == "nothing listens there"

    def test_no_answer(self, monkeypatch):
        monkeypatch.setattr(health, "ANSWER_WITHIN", 0.1)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            assert "no answer within" in words(health.tcp_echo("127.0.0.1", silent.getsockname()[1]))


class TestTcpRoom:
    def test_well(self):
        with serving(lambda connection: connection.sendall(b"* This is a room.\n")) as port:
            health.tcp_room("127.0.0.1", port)()

    def test_something_else(self):
        with serving(lambda connection: connection.sendall(b"220 mail")) as port:
            assert words(health.tcp_room("127.0.0.1", port)) == "it is no room: b'220 mail'"


class TestRedis:
    def test_well(self):
        with serving(lambda connection: connection.sendall(b"+PONG\r\n")) as port:
            health.redis_pong("127.0.0.1", port)()

    def test_one_that_still_loads(self):
        loading = b"-LOADING Redis is loading the dataset in memory\r\n"
        with serving(lambda connection: connection.sendall(loading)) as port:
            assert "LOADING" in words(health.redis_pong("127.0.0.1", port))


class TestHttp:
    def test_well(self):
        with answering(200, b"ok") as port:
            health.http_ok("127.0.0.1", port, "/healthz")()

    def test_the_reason_is_passed_on(self):
        with answering(503, b"Redis does not answer\nmore") as port:
            assert words(health.http_ok("127.0.0.1", port, "/healthz")) == (
                "/healthz says 503: Redis does not answer"
            )

    def test_no_http(self):
        with serving(lambda connection: connection.sendall(b"220 mail\r\n")) as port:
            assert words(health.http_ok("127.0.0.1", port, "/healthz"))


class TestLocust:
    def answer(self, *workers):
        return answering(200, json.dumps({"status": "ok", "workers": list(workers)}).encode())

    def test_all_there(self):
        with self.answer("a", "b") as port:
            health.locust_workers("127.0.0.1", port, 2)()

    def test_one_is_missing(self):
        with self.answer("a") as port:
            assert words(health.locust_workers("127.0.0.1", port, 2)) == (
                "1 of 2 workers are connected to the master"
            )

    def test_something_else_answers(self):
        with answering(200, b"<html>") as port:
            probe = health.locust_workers("127.0.0.1", port, 1)
            assert "can't be understood" in health.failure(probe)


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    """On a busy machine even a healthy answer takes its time."""
    monkeypatch.setattr(health, "ANSWER_WITHIN", 20.0)


def unhealthy():
    raise Unhealthy("not yet")


class TestWait:
    def test_until_all_are_well(self):
        asked = []

        def third_time():
            asked.append(None)
            if len(asked) < 3:
                raise Unhealthy("not yet")

        rounds = list(health.wait({"at once": lambda: None, "later": third_time}, 10))
        assert [name for name, _ in rounds if name] == ["at once", "later"]
        assert rounds[-1][1] == {}

    def test_no_longer_than_that(self):
        rounds = list(health.wait({"never": unhealthy}, 0.3))
        assert {name for name, _ in rounds} == {None}
        assert rounds[-1][1] == {"never": "not yet"}

    def test_both_must_be_well(self):
        health.both(lambda: None, lambda: None)()
        with pytest.raises(Unhealthy):
            health.both(lambda: None, unhealthy)()

    def test_try_all(self):
        assert health.try_all({"a": lambda: None, "b": unhealthy}) == {"b": "not yet"}
