"""The end of a connection, whoever comes to it first: nothing that was said gets lost."""

# ruff: noqa: ARG002 - protocols that ignore what they get

import os
import socket

import pytest
from serving.protocol import Protocol, Waiting

MIB = 1 << 20


def test_a_peer_that_has_said_everything_still_gets_its_answer(serve, everything):
    class Patient(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.data = b""

        def received(self, data):
            self.data += data
            return b""

        def ended(self):
            self.waiting = Waiting.SENT
            return self.data

        def resumed(self):
            self.waiting = Waiting.END
            return b"!"

    peer = serve(Patient).connect()
    message = os.urandom(3 * MIB)
    peer.sendall(message)
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == message + b"!"


def test_the_last_bytes_arrive_though_the_peer_is_still_sending(serve, everything):
    class Enough(Protocol):
        def received(self, data):
            self.waiting = Waiting.END
            return b"enough"

    house = serve(Enough)
    for _ in range(20):
        peer = house.connect()
        peer.sendall(b"x" * MIB)
        assert everything(peer) == b"enough"
        peer.close()
    assert house.counted("reset") == 0


@pytest.mark.at_once
def test_a_peer_that_never_closes_is_closed(serve, everything, until):
    class Bye(Protocol):
        def opened(self):
            self.waiting = Waiting.END
            return b"bye"

    house = serve(Bye, linger=0.1)
    peer = house.connect()
    assert everything(peer) == b"bye"
    until(lambda: house.counted("open") == 0)
    assert house.counted("expired") == 0


def test_who_waits_for_bytes_after_the_end_gets_none(serve, everything, until, recorder, recorded):
    class Stubborn(recorder):
        def ended(self):
            self.calls.append("ended")
            return b"last"

    factory, made = recorded(Stubborn)
    peer = serve(factory).connect()
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == b"last"
    until(lambda: made[0].calls == ["opened", "ended", "closed"])
