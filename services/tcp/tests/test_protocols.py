"""The protocols by themselves: bytes in, bytes out, no socket."""

from hypothesis import given
from hypothesis import strategies as st
from serving.protocol import Peer, Protocol, Waiting
from tcp.protocols import PROTOCOLS, Ack, Bye, Echo, Greet

PEER = Peer(("127.0.0.1", 1), ("127.0.0.1", 2))


@given(st.lists(st.binary(min_size=1)))
def test_echo_sends_back_what_it_gets(pieces):
    protocol = Echo(PEER)
    assert protocol.opened() == b""
    assert [protocol.received(piece) for piece in pieces] == pieces
    assert protocol.waiting is Waiting.IDLE
    assert protocol.ended() == b""
    assert protocol.waiting is Waiting.END


@given(st.lists(st.binary(min_size=1)))
def test_ack_answers_each_piece_whatever_it_is(pieces):
    protocol = Ack(PEER)
    assert all(protocol.received(piece) == b"Message received!" for piece in pieces)
    assert protocol.waiting is Waiting.IDLE


def test_greet_speaks_first_and_ends():
    protocol = Greet(PEER)
    assert protocol.opened() == "欢迎使用Layercake系统".encode()
    assert protocol.waiting is Waiting.END


@given(st.binary(min_size=1))
def test_bye_reads_one_piece_and_ends(piece):
    protocol = Bye(PEER)
    assert protocol.opened() == b""
    assert protocol.waiting is Waiting.IDLE
    assert protocol.received(piece) == b"Connected. Bye."
    assert protocol.waiting is Waiting.END


def test_each_is_known_by_its_name():
    assert {name: PROTOCOLS[name] for name in ("echo", "ack", "greet", "bye")} == {
        "echo": Echo, "ack": Ack, "greet": Greet, "bye": Bye,
    }  # fmt: skip
    assert all(isinstance(factory(PEER), Protocol) for factory in PROTOCOLS.values())
