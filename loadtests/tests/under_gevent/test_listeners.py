"""Ways of hearing a room, against servers that say something else than they should."""

import pytest

from loadtests.clients.failures import (
    ClosedEarly,
    ConnectFailed,
    Failure,
    MalformedReply,
    TimedOut,
    WrongContent,
    WrongStatus,
)
from loadtests.clients.lines import LinesClient
from loadtests.clients.log import LogClient
from loadtests.clients.polling import LongPollingClient, PollingClient
from loadtests.clients.said import Acknowledged, Refused, Said
from loadtests.clients.stream import StreamClient

PAGE = b'{"messages": [{"number": 8, "text": "hi"}], "last": 8, "missed": 0}'


def response(content, status=b"200 OK", fields=b""):
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, fields, len(content), content)


@pytest.fixture
def say(serve):
    """A server that answers the first thing it hears with these pieces, and keeps what it has heard."""
    heard = []

    def start(*pieces, before=b""):
        def handler(peer):
            peer.sendall(before)
            heard.append(peer.recv(65536))
            for piece in pieces:
                peer.sendall(piece)
            while data := peer.recv(65536):
                heard.append(data)

        return serve(handler)

    start.heard = heard
    return start


def test_polling_asks_for_what_follows(serve):
    asked = []

    def handler(peer):
        for content in (PAGE, b'{"messages": [], "last": 8}'):
            asked.append(peer.recv(65536).split(b" ")[1])
            peer.sendall(response(content))

    client = PollingClient(serve(handler), "lobby", 7, 1.0)
    assert client.hear() == [Said(8, "hi")]
    assert client.hear() == []
    assert asked == [b"/rooms/lobby/messages?after=7", b"/rooms/lobby/messages?after=8"]
    client.close()


def test_a_long_poll_says_how_long_it_waits(say):
    client = LongPollingClient(say(response(PAGE)), "lobby", 7, 1.0)
    assert client.hear() == [Said(8, "hi")]
    assert say.heard[0].startswith(b"GET /rooms/lobby/wait?after=7&timeout=10 HTTP/1.1\r\n")
    client.close()


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (response(b"{}", b"503 Service Unavailable"), WrongStatus),
        (response(b"[]"), MalformedReply),
        (response(b"not JSON"), MalformedReply),
        (response(b'{"messages": [], "last": "8"}'), MalformedReply),
        (response(b'{"messages": [{"number": 0, "text": ""}], "last": 8}'), MalformedReply),
        (response(b'{"messages": [{"number": 1}], "last": 8}'), MalformedReply),
        (response(b'{"messages": ["hi"], "last": 8}'), MalformedReply),
    ],
)
def test_what_is_no_page(say, content, failure):
    client = PollingClient(say(content), "lobby", 0, 1.0)
    with pytest.raises(failure):
        client.hear()
    client.close()


def test_a_post_is_answered_with_what_was_posted(say):
    created = response(b'{"number": 9, "text": "hi"}', b"201 Created")
    client = LogClient(say(created), "lobby", 1.0)
    assert client.post("hi", 3) == Acknowledged(9, 3)
    assert b'"text": "hi"' in b"".join(say.heard)
    client.close()
    client = LogClient(say(created), "lobby", 1.0)
    with pytest.raises(WrongContent, match="another text"):
        client.post("ho", 1)
    client.close()


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_a_stream(say):
    first = b'retry: 2000\n\nid: 8\ndata: {"type": "message", "number": 8, "text": "hi"}\n\n'
    second = b'event: joined\ndata: {}\n\n: still here\n\nevent: problem\ndata: {"code": "unavailable"}\n\n'
    client = StreamClient(say(STREAM + chunk(first), chunk(second)), "lobby", 7, 1.0)
    assert b"\r\nLast-Event-ID: 7\r\n" in say.heard[0]
    found = client.hear()
    while len(found) < 2:
        found += client.hear()
    assert found == [Said(8, "hi"), Refused("the stream says: unavailable")]
    client.close()


@pytest.mark.parametrize(
    ("pieces", "failure", "reason"),
    [
        (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", ConnectFailed, "status 503"),
        (response(b"hi", fields=b"Content-Type: text/html\r\n"), Failure, "something else"),
        (STREAM + b"0\r\n\r\n", ClosedEarly, "the stream ended"),
        (STREAM + chunk(b'id: 7\ndata: {"number": 8, "text": "hi"}\n\n'), MalformedReply, "id is not"),
        (STREAM + chunk(b"data: hi\n\n"), MalformedReply, "no JSON"),
        (STREAM + b"x\r\n", MalformedReply, "its size"),
        (b"HTTP/1.1 200", TimedOut, "no reply"),
    ],
)
def test_what_is_no_stream(say, pieces, failure, reason):
    address = say(pieces)

    def hear():
        client = StreamClient(address, "lobby", 0, 0.5)
        try:
            client.hear()
        finally:
            client.close()

    with pytest.raises(failure, match=reason):
        hear()


HELLO = b"* This is a room.\n"
WELCOME = b"* ada, you are in lobby; its last message is 7.\n"


def test_lines(say):
    client = LinesClient(
        say(WELCOME + b"8 x: hi\n* x has co", b"me.\n9 ada: ", before=HELLO), "lobby", "ada", 7, 1.0
    )
    assert say.heard[0] == b"JOIN lobby ada after=7\n"
    assert client.hear() == [Said(8, "hi")]
    client.post("layercake", 1)
    client.close()


def test_a_line_of_ones_own_is_its_acknowledgement(serve):
    def handler(peer):
        peer.sendall(HELLO)
        peer.recv(65536)
        peer.sendall(WELCOME)
        line = peer.recv(65536)
        peer.sendall(b"8 ada: %b9 eve: %bERR Slow down.\n" % (line, line))
        peer.recv(65536)

    client = LinesClient(serve(handler), "lobby", "ada", 7, 1.0)
    client.post("hello", 1)
    found = []
    while len(found) < 4:
        found += client.hear()
    assert found == [
        Said(8, "hello"),
        Acknowledged(8, 1),
        Said(9, "hello"),
        Refused("the room says: Slow down."),
    ]
    client.close()


@pytest.mark.parametrize(
    ("pieces", "failure", "reason"),
    [
        (b"ERR The room is full.\n", ConnectFailed, "the room says: The room is full."),
        (WELCOME + b"hello\n", MalformedReply, "no message"),
        (WELCOME + b"8 x: \xff\n", MalformedReply, "UTF-8"),
        (WELCOME + b"x" * 70_000, MalformedReply, "longer than 64 KiB"),
        (b"", TimedOut, "no reply"),
    ],
)
def test_what_are_no_lines_of_a_room(say, pieces, failure, reason):
    address = say(pieces, before=HELLO)

    def hear():
        client = LinesClient(address, "lobby", "ada", 7, 0.5)
        try:
            while True:
                client.hear()
        finally:
            client.close()

    with pytest.raises(failure, match=reason):
        hear()
