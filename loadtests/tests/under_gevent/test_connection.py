"""A connection: waits that end in time, errors that say what happened, nothing left open."""

import socket
import struct
from time import monotonic

import gevent
import pytest
from gevent.event import Event
from turns import until

from loadtests.addresses import Address
from loadtests.clients import connection
from loadtests.clients.connection import Connection
from loadtests.clients.failures import ClosedEarly, ConnectFailed, TimedOut


def reset(peer):
    """Close with a reset instead of an end of stream."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def echo(peer):
    while data := peer.recv(65536):
        peer.sendall(data)


def silence(_):
    """Neither read nor write, with the connection open, until the server is stopped."""
    Event().wait()


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    assert not connection.WATCHMAN._waiting
    assert connection.WATCHMAN._timer is None


@pytest.fixture
def connected(serve):
    """Connections that are closed at the end."""
    opened = []

    def connect(handler, timeout=5.0):
        opened.append(Connection(serve(handler), timeout))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def test_bytes_there_and_back(connected):
    connection = connected(echo)
    for _ in range(3):
        connection.send(b"hello")
        assert connection.receive() == b"hello"


def test_more_than_the_buffers_hold_while_the_server_sends_too(connected):
    connection = connected(echo)
    data = bytes(range(256)) * 65536  # 16 MiB: neither side can send all of it before the other reads
    connection.send(data)
    received = b""
    while len(received) < len(data):
        received += connection.receive()
    assert received == data


def test_the_end_of_the_stream(connected):
    connection = connected(lambda peer: peer.recv(1))
    connection.send(b"x")
    assert connection.receive() == b""


def test_a_reset(connected):
    def handler(peer):
        peer.recv(1)
        reset(peer)

    connection = connected(handler)
    connection.send(b"x")
    with pytest.raises(ClosedEarly, match="reset before the reply"):
        connection.receive()


def test_a_reset_while_sending(connected):
    def handler(peer):
        peer.recv(1)
        reset(peer)

    connection = connected(handler)
    with pytest.raises(ClosedEarly, match="before the request was sent"):
        connection.send(b"x" * (64 << 20))


def test_no_reply_in_time(connected):
    connection = connected(lambda peer: peer.recv(100) and silence(peer), timeout=0.2)
    connection.send(b"x")
    began = monotonic()
    with pytest.raises(TimedOut, match=r"within 0\.2 s"):
        connection.receive()
    assert 0.15 < monotonic() - began < 5


def read_for_ever(connection):
    while True:
        connection.receive()


def test_a_reply_in_drops_does_not_extend_the_time(connected):
    """Drops come eight times as often as time runs out, for ten times as long."""
    drops = []

    def handler(peer):
        for _ in range(80):
            peer.sendall(b".")
            drops.append(".")
            gevent.sleep(0.05)

    connection = connected(handler, timeout=0.4)
    connection.send(b"x")
    with pytest.raises(TimedOut):
        read_for_ever(connection)
    assert 0 < len(drops) < 80


def test_a_server_that_does_not_read(connected):
    connection = connected(silence, timeout=0.2)
    with pytest.raises(TimedOut):
        connection.send(b"x" * (64 << 20))


def test_connection_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = Address(*server.getsockname())
    with pytest.raises(ConnectFailed, match="connection refused"):
        Connection(address)


def test_no_answer_to_connect(monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = Address(*server.getsockname())
        # A full queue of connections makes the kernel leave the next one without an answer.
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        with pytest.raises(ConnectFailed, match=r"no connection within 0\.2 s"):
            Connection(address)
        for one in waiting:
            one.close()


def test_a_name_that_nobody_knows():
    with pytest.raises(ConnectFailed, match=r"no machine is known as nobody\.invalid"):
        Connection(Address("nobody.invalid", 80))


def test_a_killed_greenlet_leaves_a_connection_that_can_be_closed(connected):
    connection = connected(silence)
    connection.send(b"x")
    waiting = gevent.spawn(connection.receive)
    until("greenlet that waits", lambda: connection._sleeper)
    waiting.kill()
    assert connection._sleeper is None


def test_many_at_once(connected):
    connections = [connected(echo) for _ in range(50)]

    def talk(connection, number):
        for turn in range(20):
            message = b"%d %d" % (number, turn)
            connection.send(message)
            assert connection.receive() == message

    talking = [gevent.spawn(talk, one, number) for number, one in enumerate(connections)]
    gevent.joinall(talking, raise_error=True)
