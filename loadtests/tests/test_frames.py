"""Frames: ours are read by the `websockets` library and the other way round, whole and in pieces."""

import os

import pytest
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode as TheirOpcode
from websockets.protocol import OPEN, Protocol, Side

from loadtests.clients.failures import MalformedReply
from loadtests.clients.frames import Frame, FrameReader, Masks, Opcode, close_frame, frame

SIZES = [0, 1, 3, 4, 125, 126, 127, 65535, 65536, 70001]


def theirs(opcode, data, fin=True):
    """A frame as a server sends it."""
    return TheirFrame(TheirOpcode(opcode), data, fin).serialize(mask=False)


def read(*parts):
    """Everything that is whole once all parts are there."""
    reader = FrameReader()
    found = []
    for part in parts:
        reader.feed(part)
        while (one := reader.next()) is not None:
            found.append(one)
    return found, reader


@pytest.mark.parametrize("size", SIZES)
def test_they_read_what_we_write(size):
    payload = os.urandom(size)
    server = Protocol(Side.SERVER, state=OPEN, max_size=None)
    server.receive_data(frame(Opcode.BINARY, payload, Masks().take()))
    [event] = server.events_received()
    assert (event.opcode, event.data) == (TheirOpcode.BINARY, payload)


def test_they_read_our_close():
    server = Protocol(Side.SERVER, state=OPEN)
    server.receive_data(close_frame(1000, b"abcd"))
    assert server.close_rcvd.code == 1000


@pytest.mark.parametrize("size", SIZES)
def test_we_read_what_they_write(size):
    payload = os.urandom(size)
    found, reader = read(theirs(Opcode.BINARY, payload))
    assert found == [Frame(Opcode.BINARY, payload)]
    assert not reader.has_begun


def test_fragments_with_a_ping_in_between_split_at_every_place():
    data = b"".join(
        (
            theirs(Opcode.TEXT, b"one ", fin=False),
            theirs(Opcode.CONTINUATION, b"two ", fin=False),
            theirs(Opcode.PING, b"?"),
            theirs(Opcode.CONTINUATION, b"three"),
            theirs(Opcode.BINARY, b"x" * 200),
        )
    )
    expected = [
        Frame(Opcode.PING, b"?"),
        Frame(Opcode.TEXT, b"one two three"),
        Frame(Opcode.BINARY, b"x" * 200),
    ]
    assert read(data)[0] == expected
    assert read(*(data[at : at + 1] for at in range(len(data))))[0] == expected
    for at in range(len(data)):
        assert read(data[:at], data[at:])[0] == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x82\x81abcdx", "masked"),
        (b"\x82\x7e\x00\x7d" + b"x" * 125, "fewest bytes"),
        (b"\x82\x7f" + (65535).to_bytes(8) + b"x" * 65535, "fewest bytes"),
        (b"\x82\x7f" + (1 << 62).to_bytes(8), "longer than any"),
        (b"\xc2\x01x", "reserved bits"),
        (b"\x83\x01x", "reserved bits or an opcode"),
        (b"\x09\x01x", "control frame"),
        (b"\x89\x7e\x00\x7e" + b"x" * 126, "control frame"),
        (b"\x80\x01x", "out of order"),
        (b"\x02\x01x\x82\x01y", "out of order"),
    ],
)
def test_what_a_server_must_not_send(data, reason):
    with pytest.raises(MalformedReply, match=reason):
        read(data)


def test_fragments_without_end():
    endless = theirs(Opcode.CONTINUATION, b"x" * 60000, fin=False)
    with pytest.raises(MalformedReply, match="longer than any"):
        read(theirs(Opcode.BINARY, b"x", fin=False), *[endless] * 20)


def test_masks_do_not_repeat():
    masks = Masks()
    taken = [masks.take() for _ in range(3000)]
    assert all(len(mask) == 4 for mask in taken)
    assert len(set(taken)) > 2990
