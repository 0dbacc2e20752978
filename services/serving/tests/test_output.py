"""Output is taken apart without copying, and sent as far as the kernel takes it."""

import os
import socket

import pytest
from serving.output import pieces, send
from serving.protocol import FileSlice


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def test_nothing_is_no_pieces():
    assert not pieces(b"")
    assert not pieces([b"", memoryview(b""), FileSlice(0, 0, 0)])


def test_pieces_are_views():
    content = bytearray(b"abc")
    (piece,) = pieces([memoryview(content)])
    content[0] = ord("x")
    assert bytes(piece) == b"xbc"
    assert len(pieces([memoryview(bytes(8)).cast("Q")])[0]) == 8


def test_what_is_no_bytes_is_an_error():
    with pytest.raises(TypeError):
        pieces("text")
    with pytest.raises(TypeError):
        pieces([1])


def test_what_the_kernel_does_not_take_is_kept(pair, tmp_path):
    ours, theirs = pair
    path = tmp_path / "file"
    path.write_bytes(os.urandom(1 << 20))
    descriptor = os.open(path, os.O_RDONLY)
    message = os.urandom(1 << 20)
    rest = pieces([message, FileSlice(descriptor, 10, 1 << 19), b"end"])
    expected = message + path.read_bytes()[10 : 10 + (1 << 19)] + b"end"
    received = bytearray()
    sent = 0
    while rest:
        sent += send(ours, rest)
        assert sent - len(received) < 1 << 20
        received += theirs.recv(100_000)
    while len(received) < len(expected):
        received += theirs.recv(1 << 20)
    os.close(descriptor)
    assert sent == len(expected)
    assert received == expected
