"""WebSocket: against the `websockets` library's own protocol, driven over a real connection, and against bad
servers.
"""

import pytest
from turns import until
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from loadtests.clients.failures import ClosedEarly, ConnectFailed, MalformedReply, TimedOut, WrongContent
from loadtests.clients.websocket import WebSocketClient


class Peer:
    """A server's side of one connection: the library decides what is valid, the test what is sent."""

    def __init__(self, connection, answer):
        self.protocol = ServerProtocol(max_size=None)
        self.connection = connection
        self.answer = answer

    def run(self):
        while data := self.connection.recv(65536):
            self.protocol.receive_data(data)
            for event in self.protocol.events_received():
                self.on(event)
            self.flush()
        self.protocol.receive_eof()

    def on(self, event):
        if isinstance(event, Frame):
            if event.opcode is Opcode.BINARY:
                self.answer(self, event.data)
        else:
            self.request = event
            self.protocol.send_response(self.protocol.accept(event))

    def flush(self):
        for data in self.protocol.data_to_send():
            if data:
                self.connection.sendall(data)

    def raw(self, data):
        self.flush()
        self.connection.sendall(data)


@pytest.fixture
def client(serve):
    """A client of a server that gives this answer to each message. `peers` are the server's sides."""
    clients, peers = [], []

    def connect(answer, timeout=5.0):
        def handler(connection):
            peers.append(Peer(connection, answer))
            peers[-1].run()

        clients.append(WebSocketClient(serve(handler), "/ws/echo", timeout))
        return clients[-1], peers[-1]

    yield connect
    for one in clients:
        one.close()


def echo(peer, data):
    peer.protocol.send_binary(data)


@pytest.mark.parametrize("size", [1, 125, 126, 65535, 65536, 500_000])
def test_echo(client, size):
    one, _ = client(echo)
    payload = bytes(index % 251 for index in range(size))
    for _ in range(2):
        assert one.exchange(payload) == size


def test_the_opening_handshake_says_where_it_comes_from(client):
    one, peer = client(echo)
    one.exchange(b"x")
    headers = peer.request.headers
    assert peer.request.path == "/ws/echo"
    assert headers["Origin"] == f"http://{headers['Host']}"
    assert "Sec-WebSocket-Extensions" not in headers


def test_fragments_and_pings_before_the_reply(client):
    def answer(peer, data):
        peer.protocol.send_ping(b"are you there")
        peer.protocol.send_binary(data[:2], fin=False)
        peer.protocol.send_ping(b"still")
        peer.protocol.send_continuation(data[2:], fin=True)

    one, peer = client(answer)
    pongs = []
    on = peer.on

    def note(event):
        if isinstance(event, Frame) and event.opcode is Opcode.PONG:
            pongs.append(bytes(event.data))
        on(event)

    peer.on = note
    assert one.exchange(b"hello") == 5
    assert one.exchange(b"again") == 5
    assert pongs[:2] == [b"are you there", b"still"]


def test_a_ping_right_behind_the_reply(client):
    """In one piece with it, as a server sends it whose timer has just run off."""
    one, _ = client(lambda peer, data: peer.raw(b"\x82\x05" + data + b"\x89\x02up"))
    assert one.exchange(b"hello") == 5
    assert one.exchange(b"again") == 5


def test_closing_says_so(client):
    one, peer = client(echo)
    one.exchange(b"x")
    one.close()
    until("close frame", lambda: peer.protocol.close_rcvd)
    assert peer.protocol.close_rcvd.code == 1000


@pytest.mark.parametrize(
    ("answer", "failure", "reason"),
    [
        (lambda peer, data: peer.protocol.send_binary(data[:-1] + b"?"), WrongContent, "another message"),
        (lambda peer, data: peer.protocol.send_text(data), WrongContent, "another message"),
        (lambda peer, _: peer.raw(b"\x82\x01"), TimedOut, "no reply"),
        (lambda peer, _: peer.raw(b"\x82\x05hello\x82\x05hello"), MalformedReply, "more came back"),
        (lambda peer, _: peer.raw(b"\x82\x85abcdhello"), MalformedReply, "masked"),
        (lambda peer, _: peer.raw(b"\x88\x01x"), MalformedReply, "half a code"),
        (lambda peer, _: peer.raw(b"\x88\x00"), ClosedEarly, "code 1005"),
        (lambda peer, _: peer.protocol.send_close(1009, "too big"), ClosedEarly, "code 1009"),
        (lambda peer, _: peer.connection.shutdown(1), ClosedEarly, "without a close frame"),
    ],
)
def test_what_is_wrong(client, answer, failure, reason):
    one, _ = client(answer, timeout=0.5)
    with pytest.raises(failure, match=reason):
        one.exchange(b"hello")


def test_the_close_is_answered(client):
    one, peer = client(lambda peer, _: peer.protocol.send_close(1012, "restart"))
    with pytest.raises(ClosedEarly, match="1012"):
        one.exchange(b"hello")
    until("close frame", lambda: peer.protocol.close_rcvd)
    assert peer.protocol.close_rcvd.code == 1012


SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "answered with status 403"),
        (SWITCH + b"\r\n", "is not one"),
        (SWITCH + b"Sec-WebSocket-Accept: c3RhbGU=\r\n\r\n", "is not one"),
        (b"", "closed before the opening handshake"),
        (b"HTTP/1.1 101", "closed before the opening handshake"),
    ],
)
def test_an_opening_handshake_that_fails(serve, answer, reason):
    def handler(peer):
        peer.recv(65536)
        peer.sendall(answer)

    with pytest.raises(ConnectFailed, match=reason):
        WebSocketClient(serve(handler), "/ws/echo", 5.0)


@pytest.mark.parametrize(
    "field", [b"Sec-WebSocket-Extensions: permessage-deflate", b"Sec-WebSocket-Protocol: chat"]
)
def test_what_was_not_offered(serve, field):
    def handler(peer):
        protocol = ServerProtocol()
        protocol.receive_data(peer.recv(65536))
        [event] = protocol.events_received()
        protocol.send_response(protocol.accept(event))
        peer.sendall(b"".join(protocol.data_to_send()).replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n\r\n"))

    with pytest.raises(ConnectFailed, match="not offered"):
        WebSocketClient(serve(handler), "/ws/echo", 5.0)
