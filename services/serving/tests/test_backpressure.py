"""A peer that does not read, or reads late: it is not read from, and holds one output at most."""

# ruff: noqa: ARG002 - protocols that ignore what they get; a peer that sends until it can not

import os
import socket
import time

import pytest
from serving.protocol import Protocol, Waiting

MIB = 1 << 20


@pytest.mark.at_once
def test_a_peer_that_does_not_read_is_not_read_from(serve, take):
    received = 0

    class Counting(Protocol):
        def received(self, data):
            nonlocal received
            received += len(data)
            return data

    house = serve(Counting)
    peer = house.connect()
    peer.settimeout(0.3)
    message = os.urandom(MIB)
    sent = stalls = 0
    while stalls < 3:  # a busy machine may well look away once
        before = received
        try:
            sent += peer.send(message[sent % MIB :])
        except TimeoutError:
            stalls = stalls + 1 if received == before else 0
        else:
            stalls = 0
        assert received < 32 * MIB  # the kernel's buffers; ours hold one output
    peer.settimeout(10)
    whole = message * (sent // MIB + 1)
    assert take(peer, sent) == whole[:sent]
    peer.sendall(b"and on")
    assert take(peer, 6) == b"and on"


def test_a_large_answer_goes_out_whole_to_a_slow_reader(serve, everything):
    answer = os.urandom(8 * MIB)

    class Large(Protocol):
        def received(self, data):
            self.waiting = Waiting.END
            return answer

    peer = serve(Large).connect()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    peer.sendall(b"?")
    assert everything(peer) == answer


def test_what_was_pipelined_waits_until_the_answer_has_gone(serve, take):
    class Large(Protocol):
        def received(self, data):
            return data * MIB

    peer = serve(Large).connect()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.sendall(b"a")
    assert take(peer, 1) == b"a"
    peer.sendall(b"b")
    assert take(peer, 2 * MIB - 1) == b"a" * (MIB - 1) + b"b" * MIB


@pytest.mark.at_once
def test_a_stream_without_an_end_waits_for_its_reader(serve, take):
    pieces = 0

    class Endless(Protocol):
        def received(self, data):
            self.waiting = Waiting.SENT
            return b""

        def resumed(self):
            nonlocal pieces
            pieces += 1
            return b"." * 65536

    house = serve(Endless, drain=0.5)
    peer = house.connect()
    peer.sendall(b"?")
    assert take(peer, 10) == b"." * 10
    count = -1
    while count != pieces:
        count = pieces
        time.sleep(0.1)
    assert count < 1000


@pytest.mark.at_once
def test_a_peer_that_never_reads_is_reset(serve, until):
    class Large(Protocol):
        def received(self, data):
            return b"x" * (16 * MIB)

    house = serve(Large, unread=0.3)
    peer = house.connect()
    peer.sendall(b"?")
    until(lambda: house.counted("reset") == 1)
    until(lambda: house.counted("open") == 0)
    assert '"reason": "the peer does not read"' in house.text.getvalue()


@pytest.mark.at_once
def test_a_peer_that_reads_slowly_is_waited_for(serve, take):
    class Large(Protocol):
        def received(self, data):
            return b"x" * (12 * MIB)

    house = serve(Large, unread=1.5)
    peer = house.connect()
    peer.sendall(b"?")
    for _ in range(12):
        time.sleep(0.15)
        assert len(take(peer, MIB)) == MIB
    assert house.counted("reset") == 0
