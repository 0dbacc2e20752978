"""The contract, under every model: bytes in, bytes out, one call at a time."""

# ruff: noqa: ARG002 - protocols that ignore what they get

import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving.protocol import Protocol


class Echo(Protocol):
    def received(self, data):
        return data


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.binary(min_size=1, max_size=5000), min_size=1, max_size=8))
def test_any_bytes_cut_anywhere_come_back_equal_and_in_order(echo_house, pieces, take):
    with socket.create_connection(echo_house.address, 10) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            peer.sendall(piece)
        message = b"".join(pieces)
        assert take(peer, len(message)) == message


@pytest.fixture
def echo_house(serve):
    return serve(Echo)


def test_a_character_cut_in_two_is_no_error(serve, take):
    peer = serve(Echo).connect()
    text = "欢".encode()
    peer.sendall(text[:1])
    assert take(peer, 1) == text[:1]
    peer.sendall(text[1:])
    assert take(peer, 2) == text[1:]


def test_calls_come_in_order_and_closed_is_the_last(serve, everything, until, take, recorded):
    factory, made = recorded()
    peer = serve(factory).connect()
    peer.sendall(b"one")
    take(peer, 3)
    peer.sendall(b"two")
    take(peer, 3)
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == b""
    until(lambda: made and "closed" in made[0].calls)
    assert made[0].calls == ["opened", b"one", b"two", "ended", "closed"]


def test_the_peer_is_known_by_its_address(serve):
    class Whois(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.peer = peer

        def received(self, data):
            return f"{self.peer.remote[0]}:{self.peer.remote[1]} {self.peer.local[1]}".encode()

    house = serve(Whois)
    peer = house.connect()
    peer.sendall(b"?")
    assert peer.recv(100).decode() == f"127.0.0.1:{peer.getsockname()[1]} {house.address[1]}"


def test_an_answer_is_not_held_back_for_a_fuller_segment(serve):
    class Socket(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.sock = peer.sock

        def received(self, data):
            return str(self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)).encode()

    peer = serve(Socket).connect()
    peer.sendall(b"?")
    assert peer.recv(10) != b"0"


def test_a_peer_that_vanishes_is_looked_for_by_the_kernel(serve):
    class Socket(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.sock = peer.sock

        def received(self, data):
            return str(self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)).encode()

    peer = serve(Socket).connect()
    peer.sendall(b"?")
    assert peer.recv(10) != b"0"
