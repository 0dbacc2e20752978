"""Output of several pieces, some of them parts of files."""

# ruff: noqa: ARG002, PT012 - protocols that ignore what they get; a peer that reads until it breaks

import os

import pytest
from serving.protocol import FileSlice, Protocol

MIB = 1 << 20


def test_several_pieces_go_out_in_order(serve, take):
    class Pieces(Protocol):
        def received(self, data):
            return [b"one ", memoryview(b"two "), b"", b"three"]

    peer = serve(Pieces).connect()
    for _ in range(2):
        peer.sendall(b"?")
        assert take(peer, 13) == b"one two three"


def test_a_part_of_a_file_goes_out_between_other_pieces(serve, tmp_path, take):
    content = os.urandom(3 * MIB)
    path = tmp_path / "file"
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)

    class File(Protocol):
        def received(self, data):
            return [b"<", FileSlice(descriptor, 1000, len(content) - 2000), b">"]

    peer = serve(File).connect()
    for _ in range(2):
        peer.sendall(b"?")
        assert take(peer, len(content) - 1998) == b"<" + content[1000:-1000] + b">"
    os.close(descriptor)


def test_a_file_that_has_become_shorter_breaks_the_connection(serve, tmp_path, until):
    path = tmp_path / "file"
    path.write_bytes(b"short")
    descriptor = os.open(path, os.O_RDONLY)

    class File(Protocol):
        def received(self, data):
            return [FileSlice(descriptor, 0, 1000)]

    house = serve(File)
    peer = house.connect()
    peer.sendall(b"?")
    with pytest.raises(ConnectionResetError):
        while peer.recv(1000):
            pass
    until(lambda: house.counted("failed") == 1)
    os.close(descriptor)
