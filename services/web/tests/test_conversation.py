"""Conversations with real peers: what went each way, and each way in which they end."""

import collections
import contextlib
import select
import socket
import struct
import threading

import pytest
from web.environment import Address
from web.lab import conversation
from web.lab.conversation import converse
from web.lab.problem import Unreachable


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(conversation, "SILENCE", 0.1)


def serve_once(handle):
    """Have a function handle the one connection that comes; return where, and its thread."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        with listener, listener.accept()[0] as connection:
            handle(connection)

    thread = threading.Thread(target=run)
    thread.start()
    return Address(*listener.getsockname()), thread


def read_all(connection):
    data = b""
    while piece := connection.recv(8192):
        data += piece
    return data


def ways(talk):
    return [(moment.way, moment.data) for moment in talk.moments if moment.way != "note"]


def test_both_ways_and_the_addresses():
    address, thread = serve_once(lambda connection: connection.sendall(read_all(connection).upper()))
    talk = converse(address, [b"hello"])
    thread.join()
    assert ways(talk) == [("out", b"hello"), ("in", b"HELLO")]
    assert talk.remote == str(address)
    assert talk.local.startswith("127.0.0.1:")
    times = [moment.microseconds for moment in talk.moments]
    assert times == sorted(times)
    assert talk.moments[-1].note == "The other side has closed."


def test_pieces_arrive_one_by_one():
    pieces = []

    def handle(connection):
        while piece := connection.recv(8192):
            pieces.append(piece)
            connection.sendall(b".")

    address, thread = serve_once(handle)
    talk = converse(address, [b"a", b"", b"b", b"c"], pause=0.05)
    thread.join()
    assert pieces == [b"a", b"b", b"c"]
    assert ways(talk) == [
        ("out", b"a"),
        ("in", b"."),
        ("out", b"b"),
        ("in", b"."),
        ("out", b"c"),
        ("in", b"."),
    ]


@pytest.mark.usefixtures("quick")
def test_a_peer_that_says_nothing_more():
    done = threading.Event()
    address, thread = serve_once(lambda connection: (connection.sendall(b"hi"), done.wait(10)))
    talk = converse(address, [])
    done.set()
    thread.join()
    assert talk.received == b"hi"
    assert talk.moments[-1].note == "Nothing more came, so we close."


def test_a_peer_that_never_stops():
    def handle(connection):
        with contextlib.suppress(ConnectionError):
            while True:
                connection.sendall(b"x" * 8192)

    address, thread = serve_once(handle)
    talk = converse(address, [])
    thread.join()
    assert len(talk.received) == conversation.MOST_RECEIVED
    assert talk.moments[-1].note == "65,536 bytes are enough, so we close."


def test_a_peer_that_dribbles(monkeypatch):
    monkeypatch.setattr(conversation, "DEADLINE", 0.2)

    def handle(connection):
        connection.settimeout(0.02)
        while True:
            connection.sendall(b".")
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                pass

    address, thread = serve_once(handle)
    talk = converse(address, [], half_close=False)
    thread.join()
    assert talk.moments[-1].note == "Time is up, so we close."


def test_all_is_here():
    address, thread = serve_once(lambda connection: (connection.sendall(b"answer"), read_all(connection)))
    talk = converse(address, [b"question"], half_close=False, finished=lambda data: data == b"answer")
    thread.join()
    assert talk.moments[-1].note == "All is here, so we close."


def test_a_peer_that_closes_before_we_are_done():
    address, thread = serve_once(lambda connection: connection.recv(1))
    talk = converse(address, [b"a", b"b", b"c"], pause=0.2)
    thread.join()
    assert "2 of our bytes were never sent" in talk.moments[-1].note


def test_a_reset():
    def handle(connection):
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    address, thread = serve_once(handle)
    talk = converse(address, [b"a", b"b"], pause=0.2)
    thread.join()
    assert "Connection reset by peer." in talk.moments[-1].note


def test_nobody_there(nobody):
    with pytest.raises(Unreachable, match=r"No connection to 127\.0\.0\.1:\d+: Connection refused\."):
        converse(nobody, [b"hello"])


def test_what_was_said_before_a_reset_is_heard():
    """A server that refuses in the middle of what we send, and closes with our bytes unread: a reset."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = socket.create_connection(listener.getsockname())
        connection.sendall(b"the beginning")
        peer, _ = listener.accept()
    peer.recv(1)
    peer.sendall(b"too much")
    peer.close()
    reset = select.poll()
    reset.register(connection, 0)
    assert reset.poll(5000)
    with connection:
        connection.setblocking(False)
        talk = conversation.Conversation()
        unsent = collections.deque([b"the rest"])
        conversation.Exchange(talk, connection, unsent, 0, lambda _: False, lambda _: (), 4, 1).run()
    assert talk.received == b"too much"
    assert "wanted no more" in talk.moments[0].note
