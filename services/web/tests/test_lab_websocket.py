"""The WebSocket lab, with a real server at the other end: what it is sent, and what it refuses."""

import html
import threading
from dataclasses import asdict

import pytest
from django.test import Client, override_settings
from web.environment import Address
from web.lab import conversation, turns
from web.lab.frame_shelf import FRAME_SHELF, HANDSHAKE
from websockets.sync.server import serve

FORM = {"to": "echo", "way": "direct", "handshake": HANDSHAKE, "frames": "text: Hello\nclose: 1000 bye"}


def answer(socket):
    for message in socket:
        socket.send(message)
        if socket.request.path == "/ws/echo-once":
            return


@pytest.fixture(scope="module")
def echo():
    """The same library that the realtime service stands on, with the same limit."""
    with serve(answer, "127.0.0.1", 0, max_size=65536, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Address(*server.socket.getsockname())
        server.shutdown()
        thread.join()


@pytest.fixture
def client(echo):
    with override_settings(REALTIME_ADDRESS=echo):
        yield Client(raise_request_exception=False, enforce_csrf_checks=True)


def send(client, **fields):
    response = client.post("/lab/websocket/", {**FORM, **fields})
    return response, html.unescape(response.content.decode())


def seen(response):
    """Return what went each way, in order."""
    pictures = response.context["film"].pictures()
    return [(picture.way, picture.frame.name, picture.frame.payload) for picture in pictures if picture.frame]


def test_the_form_is_filled_in_from_the_shelf(client):
    text = html.unescape(client.get("/lab/websocket/?show=reserved").content.decode())
    assert FRAME_SHELF["reserved"].look in text
    assert "text rsv1: Hello" in text
    assert 'href="?show=reserved" aria-current="true"' in text
    assert all(f'href="?show={slug}"' in text for slug in FRAME_SHELF)
    assert FRAME_SHELF["hello"].look in html.unescape(client.get("/lab/websocket/?show=x").content.decode())


def test_a_message_there_and_back(client):
    response, text = send(client)
    assert seen(response) == [
        ("out", "text", b"Hello"),
        ("in", "text", b"Hello"),
        ("out", "close", b"\x03\xe8bye"),
        ("in", "close", b"\x03\xe8bye"),
    ]
    film = response.context["film"]
    assert film.handshake.answer == film.handshake.expected
    moments = [picture.microseconds for picture in film.pictures()]
    assert moments == sorted(moments)
    assert "the opening handshake, " in text
    assert 'title="RFC 6455, 5.3"><dt>MASK</dt><dd><code>1</code>' in text
    assert "The server closed: normal closure, “bye”." in text
    assert "the same" in text
    assert film.handshake.expected in text


def test_fragments_and_a_ping_between(client):
    response, _ = send(client, frames=FRAME_SHELF["fragments"].frames)
    came = [(name, payload) for way, name, payload in seen(response) if way == "in"]
    assert came[0] == ("pong", b"in between")
    assert came[1] == ("text", b"Hello, world")


def test_a_server_that_closes_first_is_answered(client):
    response, _ = send(client, to="echo-once", frames="text: once")
    assert seen(response)[-2:] == [("in", "close", b"\x03\xe8"), ("out", "close", b"\x03\xe8")]
    assert response.context["film"].talk.moments[-1].note == "The other side has closed."


def test_leaving_without_a_word(client, monkeypatch):
    monkeypatch.setattr(conversation, "SILENCE", 0.3)
    _, text = send(client, frames="text: Hello")
    assert "The server sent no close frame." in text


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("unmasked", 1002),
        ("reserved", 1002),
        ("opcode", 1002),
        ("fragmented-ping", 1002),
        ("big-ping", 1002),
        ("utf-8", 1007),
        ("nothing-to-continue", 1002),
        ("interrupted", 1002),
        ("1005", 1002),
        ("half-code", 1002),
        ("too-big", 1009),
    ],
)
def test_malformed_frames_are_refused_and_marked(client, slug, code):
    response, _ = send(client, **asdict(FRAME_SHELF[slug]))
    film = response.context["film"]
    assert film.close.code == code
    marked = [picture for picture in film.pictures() if picture.frame and picture.frame.faults]
    assert bool(marked) == (slug != "too-big")  # which is well-formed
    assert all(picture.way == "out" for picture in marked)


@pytest.mark.parametrize(("slug", "status"), [("no-key", 400), ("short-key", 400), ("post", 405)])
def test_malformed_handshakes_are_refused_and_no_frame_is_sent(client, slug, status):
    response, text = send(client, **asdict(FRAME_SHELF[slug]))
    assert response.status_code == 200
    assert response.context["film"].handshake.status == status
    assert seen(response) == []
    assert "so no frame was sent" in text


def test_a_server_that_speaks_no_http(client, bytes_service):
    with bytes_service(lambda _: b"220 mail\r\n\r\n") as address, override_settings(REALTIME_ADDRESS=address):
        response, text = send(client)
    assert (response.status_code, "no answer" in text, "220 mail" in text) == (200, True, True)


def test_a_server_that_sends_half_a_frame(client, bytes_service):
    half = b"HTTP/1.1 101 x\r\n\r\n\x81\x05He"
    with bytes_service(lambda _: half) as address, override_settings(REALTIME_ADDRESS=address):
        response, text = send(client, frames="")
    assert (response.status_code, "bytes that are no whole frame" in text) == (200, True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": "127.0.0.1:22"}, "Choose one of the three"),
        ({"way": ""}, "Choose one of the three"),
        ({"frames": "Hello"}, "is no frame"),
        ({"handshake": "x" * 5000}, "The handshake is 5,004 bytes long"),
        ({"handshake": "\\q"}, "A backslash begins"),
    ],
)
def test_what_can_not_be_sent(client, fields, sentence):
    response, text = send(client, **fields)
    assert (response.status_code, sentence in text) == (400, True)


@pytest.mark.parametrize(
    "handshake",
    ["", "{", "GET\n\n\nX", "\\x00\\xff", "GET {path} HTTP/1.1\nHost: {host}\nSec-WebSocket-Key: é"],
)
def test_any_handshake_is_sent(client, handshake, monkeypatch):
    monkeypatch.setattr(conversation, "SILENCE", 0.3)
    response, _ = send(client, handshake=handshake)
    assert response.status_code == 200


def test_what_was_typed_is_shown_as_text(client):
    response, _ = send(client, frames="text: <script>alert(1)</script>\nclose: 1000 <b>")
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "<b>”" not in page


def test_a_service_that_is_down(client, nobody):
    with override_settings(REALTIME_ADDRESS=nobody):
        response, text = send(client)
    assert (response.status_code, "Is it up?" in text) == (502, True)


def test_only_so_many_at_once(client, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with turns.turn(), turns.turn():
        assert send(client)[0].status_code == 503


def test_other_sites_may_not(client):
    response = client.post("/lab/websocket/", FORM, headers={"Origin": "http://evil.example"})
    assert response.status_code == 403
