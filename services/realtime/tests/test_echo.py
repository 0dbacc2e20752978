import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Frame, Opcode


@pytest.fixture
def client(service):
    with service.connect("/ws/echo") as client:
        yield client


@pytest.mark.parametrize("message", ["hi", "", "雪の日 ❄", b"", b"\x00\xff", "x" * 65_536, b"y" * 65_536])
def test_what_comes_in_goes_out(client, message):
    client.send(message)
    assert client.recv(5) == message


@pytest.mark.parametrize("pieces", [["one ", "two ", ""], [b"\xe9", b"\x9b\xaa"]])
def test_fragments_come_back_as_one(client, pieces):
    client.send(pieces)
    assert client.recv(5) == type(pieces[0])().join(pieces)


def test_a_character_may_be_split_between_fragments(client):
    raw = "雪".encode()
    with client.protocol_mutex:
        client.protocol.send_text(raw[:1], fin=False)
        client.protocol.send_continuation(raw[1:], fin=True)
        client.send_data()
    assert client.recv(5) == "雪"


def test_order_is_kept(client):
    for number in range(500):
        client.send(str(number))
    assert [client.recv(5) for _ in range(500)] == [str(number) for number in range(500)]


def test_pings_are_answered(client):
    assert client.ping().wait(5)


def test_the_clients_close_is_answered_with_its_code(client):
    client.close(4001, "done")
    assert client.protocol.close_rcvd.code == 4001


@pytest.mark.parametrize("code", [1007, 1009, 1002], ids=["no UTF-8", "too large", "reserved opcode"])
def test_violations_are_closed_with_the_code_that_rfc_6455_gives_them(client, code):
    if code == 1007:
        with client.protocol_mutex:
            client.protocol.send_text(b"\xff")
            client.send_data()
    elif code == 1009:
        client.send(b"z" * 65_537)
    else:
        client.socket.sendall(b"\x83\x80\x00\x00\x00\x00")  # opcode 3, masked, empty
    with pytest.raises(ConnectionClosedError):
        client.recv(5)
    assert client.protocol.close_rcvd.code == code


def test_frames_that_are_not_masked_are_refused(client):
    client.socket.sendall(Frame(Opcode.TEXT, b"hi").serialize(mask=False))  # RFC 6455, section 5.1
    with pytest.raises(ConnectionClosedError):
        client.recv(5)
    assert client.protocol.close_rcvd.code == 1002


def test_echo_once(service):
    with service.connect("/ws/echo-once") as client:
        client.send(["only", " this"])
        assert client.recv(5) == "only this"
        with pytest.raises(ConnectionClosedOK):
            client.recv(5)
        assert client.protocol.close_rcvd.code == 1000


def test_compression_is_not_agreed_to(service):
    with service.connect(
        "/ws/echo", additional_headers={"Sec-WebSocket-Extensions": "permessage-deflate"}
    ) as client:
        assert client.protocol.extensions == []
