"""A client that sends more than its share is read no faster than it reads, and others have their turn."""

import contextlib
import itertools

import pytest
from test_frames import CONTINUATION, FIN, PING, TEXT, Raw, frame

#: Far more than the buffers of both kernels, ours and the client's.
FAR_TOO_MUCH = 64 << 20


def test_messages_by_the_thousand_come_back_in_order(service):
    sizes = itertools.cycle([1, 60_000, 5, 4_096, 0, 4_097])
    sent = [bytes([number % 256]) * next(sizes) for number in range(300)]
    with service.connect("/ws/echo", max_size=None, max_queue=None) as client:
        for message in sent:
            client.send(message)
        assert [client.recv(10) for _ in sent] == sent


@pytest.mark.parametrize(
    "what", [frame(FIN | PING, b"x" * 125), frame(FIN | TEXT, b"x" * 125)], ids=["pings", "texts"]
)
def test_who_does_not_read_is_not_read(service, what):
    with Raw(service, "/ws/echo") as client:
        client.socket.settimeout(2)
        sent, portion = 0, what * 500
        with contextlib.suppress(TimeoutError):
            while sent < FAR_TOO_MUCH:
                sent += client.socket.send(portion)
        assert sent < FAR_TOO_MUCH
        with service.connect("/ws/echo") as other:
            other.send("and I")
            assert other.recv(5) == "and I"
        # As soon as it reads, it is read.
        client.socket.settimeout(10)
        for _ in range(1_000):
            assert client.hear() is not None
    assert service.health()[0] == 200


@pytest.mark.parametrize("piece", [b"", b"x"], ids=["empty", "of one octet"])
def test_a_message_in_too_many_pieces(service, piece):
    with Raw(service, "/ws/echo") as client:
        client.send(frame(TEXT, b"x"))
        with contextlib.suppress(ConnectionError):
            client.send(frame(CONTINUATION, piece) * 2_000)
        opcode, payload = client.hear()
        assert (opcode, payload[:2]) == (8, (1008).to_bytes(2))


def test_a_message_in_many_pieces(service):
    with Raw(service, "/ws/echo") as client:
        client.send(frame(TEXT, b"x"), frame(CONTINUATION, b"x") * 900, frame(FIN | CONTINUATION, b"x"))
        assert client.hear() == (1, b"x" * 902)
