"""WebSocket over the wire: echo through nginx and around it, and who may open one."""

import random

import pytest
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.sync.client import connect
from wire.tcp import DEADLINE


@pytest.fixture
def base(stack, way):
    return stack.http("realtime", way)


@pytest.fixture
def echo(base):
    with connect(base.websocket("/ws/echo"), open_timeout=DEADLINE) as client:
        yield client


class TestEcho:
    def test_text(self, echo):
        echo.send("雪の日 ❄")
        assert echo.recv(DEADLINE) == "雪の日 ❄"

    def test_bytes_stay_bytes(self, echo):
        content = random.Random(1).randbytes(64)
        echo.send(content)
        assert echo.recv(DEADLINE) == content

    @pytest.mark.parametrize(
        "pieces", [["one ", "two ", "❄"], [b"\0", b"\xff" * 1000, b""]], ids=["text", "bytes"]
    )
    def test_fragments_come_back_as_the_one_message_they_are(self, echo, pieces):
        echo.send(pieces)
        assert echo.recv(DEADLINE) == type(pieces[0])().join(pieces)

    def test_empty_messages_are_messages(self, echo):
        for message in ("", b""):
            echo.send(message)
            assert echo.recv(DEADLINE) == message

    def test_as_large_as_a_message_may_be(self, echo):
        content = random.Random(2).randbytes(64 * 1024)
        echo.send(content)
        assert echo.recv(DEADLINE) == content

    def test_many_in_order(self, echo):
        for number in range(100):
            echo.send(str(number))
        assert [echo.recv(DEADLINE) for _ in range(100)] == [str(number) for number in range(100)]

    def test_a_ping_is_answered(self, echo):
        assert echo.ping().wait(DEADLINE)


class TestEchoOnce:
    def test_one_message_and_then_1000(self, base):
        with connect(base.websocket("/ws/echo-once"), open_timeout=DEADLINE) as client:
            client.send("once")
            assert client.recv(DEADLINE) == "once"
            with pytest.raises(ConnectionClosedOK):
                client.recv(DEADLINE)
            assert client.close_code == 1000


class TestOrigin:
    """A browser says which page opens a WebSocket; another site's page could use it in its visitor's name."""

    @pytest.mark.parametrize("path", ["/ws/echo", "/ws/echo-once", "/ws/rooms/lobby"])
    def test_a_foreign_page_is_refused(self, base, path):
        with (
            pytest.raises(InvalidStatus) as refusal,
            connect(base.websocket(path), origin="http://layercake.example"),
        ):
            pass
        assert refusal.value.response.status_code == 403

    def test_our_own_page_is_welcome(self, site, base):
        with connect(base.websocket("/ws/echo"), origin=site.origin, open_timeout=DEADLINE) as client:
            client.send("hi")
            assert client.recv(DEADLINE) == "hi"


class TestRefusals:
    def test_an_unknown_path_is_no_connection(self, base):
        with pytest.raises(InvalidStatus) as refusal, connect(base.websocket("/ws/no-such-thing")):
            pass
        assert refusal.value.response.status_code in {403, 404}
