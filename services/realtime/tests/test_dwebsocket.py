"""Synchronous views that talk over WebSockets: the tutorials' two, and views for every name of the API."""

import socket
from pathlib import Path

import pytest
from running import Service, crowd, until
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus

#: A good opening handshake, with the key of RFC 6455, section 1.3.
FIELDS = {
    "Host": "localhost",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def serve(redis, **environment):
    return Service(
        redis.url,
        DJANGO_SETTINGS_MODULE="tutorial.settings",
        PYTHONPATH=str(Path(__file__).parent),
        REALTIME_VIEWS="4",
        **environment,
    )


@pytest.fixture(scope="module")
def tutorial(redis):
    service = serve(redis)
    yield service
    assert service.stop() == 0


def closed(client):
    """Read until the end; what came, the code and the reason."""
    came = []
    try:
        while True:
            came.append(client.recv(10))
    except ConnectionClosed:
        close = client.protocol.close_rcvd
        return came, close.code, close.reason


def what(tutorial):
    return tutorial.get("/what")[2].decode()


class TestTheTutorialsViews:
    @pytest.mark.parametrize("message", ["hi", "雪の日 ❄", "", b"\x00\xff", "x" * 65_536])
    def test_echo(self, service, message):
        with service.connect("/echo") as client:
            for _ in range(3):
                client.send(message)
                assert client.recv(10) == message

    def test_many_in_order(self, service):
        with service.connect("/echo") as client:
            for number in range(300):
                client.send(str(number))
            assert [client.recv(10) for _ in range(300)] == [str(number) for number in range(300)]

    def test_echo_once_closes_with_1000(self, service):
        with service.connect("/echo_once") as client:
            client.send(["on", "ce"])
            assert closed(client) == (["once"], 1000, "")

    def test_echo_over_plain_http(self, service):
        status, headers, content = service.get("/echo?message=%3Cb%3Ehi%20%E2%9D%84")
        assert (status, content.decode()) == (200, "<b>hi ❄")
        assert headers["Content-Type"] == "text/plain; charset=utf-8"

    def test_the_page(self, service):
        status, headers, content = service.get("/echo")
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert b"/echo_once" in content
        policy = headers["Content-Security-Policy"]
        assert policy.count("'sha256-") == 2
        assert "'unsafe-inline'" not in policy

    def test_echo_once_over_plain_http_is_400_and_nothing(self, service):
        status, _, content = service.get("/echo_once")
        assert (status, content) == (400, b"")

    def test_a_foreign_page_is_refused(self, service):
        with (
            pytest.raises(InvalidStatus) as caught,
            service.connect("/echo", origin="http://layercake.example"),
        ):
            pass
        assert caught.value.response.status_code == 403

    def test_a_view_ends_with_its_client(self, service):
        with crowd(service, "/echo", 5):
            until(lambda: service.health()[1]["views"] == 5)
        until(lambda: service.health()[1]["views"] == 0)


class TestHandshake:
    """RFC 6455, section 4.2.1."""

    def answer(self, service, **changes):
        fields = {**FIELDS, **{name.replace("_", "-"): value for name, value in changes.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
        with socket.create_connection(("127.0.0.1", service.port), 10) as client:
            client.sendall(f"GET /echo HTTP/1.1\r\n{head}\r\n".encode())
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += client.recv(4096)
        return answer.decode()

    def test_a_good_one(self, service):
        answer = self.answer(service)
        assert answer.startswith("HTTP/1.1 101 ")
        assert "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer  # section 1.3's example
        assert answer.count("HTTP/1.1 101") == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"Sec_WebSocket_Key": None},
            {"Sec_WebSocket_Key": "short"},
            {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==dGhl"},
            {"Sec_WebSocket_Version": None},
            {"Host": "layercake.example"},
        ],
        ids=str,
    )
    def test_a_malformed_one_is_400(self, service, changes):
        assert self.answer(service, **changes).startswith("HTTP/1.1 400 ")

    @pytest.mark.parametrize("version", ["8", "14", "13, 8", "x"])
    def test_another_version_is_426_and_told_which(self, service, version):
        answer = self.answer(service, Sec_WebSocket_Version=version)
        assert answer.startswith("HTTP/1.1 426 ")
        assert "sec-websocket-version: 13\r\n" in answer.lower()


class TestTheAPI:
    def test_waiting_and_reading(self, tutorial):
        with tutorial.connect("/timeouts") as client:
            assert client.recv(10) == "None True None fallback"
            client.send("text")
            client.send(b"binary")
            assert closed(client) == (["'text'", "b'binary'"], 1000, "")

    def test_counting(self, tutorial):
        with tutorial.connect("/counting") as client:
            for message in ("a", "b", "c"):
                client.send(message)
            assert closed(client) == (["3 True a", "2 b c False"], 1000, "")

    @pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
    def test_closing_once_with_a_code_and_a_reason(self, tutorial, code):
        with tutorial.connect("/closing") as client:
            client.send(str(code))
            assert closed(client) == ([], code, "because ❄")
        until(lambda: "('closed', True)" in what(tutorial))

    def test_mistakes(self, tutorial):
        with tutorial.connect("/mistakes") as client:
            assert closed(client)[0] == ["TypeError TypeError ValueError ValueError ValueError"]

    def test_a_view_that_raises_closes_with_1011(self, tutorial):
        with tutorial.connect("/raising") as client:
            client.send("go")
            assert closed(client)[1] == 1011
        assert "a mistake in a view" in tutorial.log

    def test_a_view_that_returns_a_response_closes_with_1000(self, tutorial):
        with tutorial.connect("/responding") as client:
            assert closed(client) == ([], 1000, "")
        assert tutorial.get("/responding")[2] == b"a page"

    def test_who_is_refused_before_the_view_gets_the_status(self, tutorial):
        with pytest.raises(InvalidStatus) as caught, tutorial.connect("/guarded"):
            pass
        assert caught.value.response.status_code == 403

    def test_a_client_that_goes(self, tutorial):
        with tutorial.connect("/leaving") as client:
            client.send("1")
            client.send("2")
        until(lambda: "'done'" in what(tutorial))
        noted = what(tutorial)
        assert "('messages', ['1', '2'])" in noted  # and no None
        assert "('after', (None, 'fallback', 0))" in noted
        assert "('closed', True)" in noted

    def test_a_view_that_does_not_read_slows_its_client_and_loses_nothing(self, tutorial):
        with tutorial.connect("/slow", close_timeout=1) as client:
            for number in range(200):
                client.send("x" * number)
            tutorial.get("/what")  # which lets it go on
            assert [client.recv(10) for _ in range(200)] == [str(number) for number in range(200)]

    def test_undecorated_views_are_for_plain_requests(self, tutorial):
        assert tutorial.get("/plain")[2] == b"plain"
        with pytest.raises(InvalidStatus) as caught, tutorial.connect("/plain"):
            pass
        assert caught.value.response.status_code == 400

    def test_unless_all_are_accepted(self, redis):
        service = serve(redis, ACCEPT_ALL="1")
        with service.connect("/plain") as client:
            assert client.recv(10) == "undecorated"
        assert service.get("/plain")[2] == b"plain"
        assert service.stop() == 0

    def test_only_so_many_at_once(self, tutorial):
        with crowd(tutorial, "/echo", 4) as clients:
            with pytest.raises(InvalidStatus) as caught, tutorial.connect("/echo"):
                pass
            assert caught.value.response.status_code == 503
            with tutorial.connect("/ws/echo") as client:  # which holds no thread
                client.send("hi")
                assert client.recv(10) == "hi"
            for client in clients:
                client.send("we go on")
                assert client.recv(10) == "we go on"
        until(lambda: tutorial.health()[1]["views"] == 0)

    def test_stopping_ends_the_views(self, redis):
        service = serve(redis)
        with service.connect("/echo") as client:
            client.send("hi")
            client.recv(10)
            assert service.stop() == 0
            with pytest.raises(ConnectionClosed):
                client.recv(10)


def test_iteration_ends_where_the_connection_does(service):
    with service.connect("/echo") as client:
        client.send("hi")
        assert client.recv(10) == "hi"
        client.close()
        with pytest.raises(ConnectionClosedOK):
            client.recv(1)
    until(lambda: service.health()[1]["views"] == 0)
