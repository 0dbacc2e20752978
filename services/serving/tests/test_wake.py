"""Streams and wakes: what a protocol has to say though the peer said nothing."""

# ruff: noqa: ARG002 - protocols that ignore what they get

import os

import pytest
from serving.protocol import Protocol, Waiting

MIB = 1 << 20


def test_a_long_response_streams_piece_by_piece(serve, everything):
    class Stream(Protocol):
        def received(self, data):
            self.waiting, self.left = Waiting.SENT, 100
            return b"begin "

        def resumed(self):
            self.left -= 1
            if self.left == 0:
                self.waiting = Waiting.END
            return b"%d " % self.left * 1000

    peer = serve(Stream).connect()
    peer.sendall(b"?")
    assert everything(peer) == b"begin " + b"".join(b"%d " % left * 1000 for left in range(99, -1, -1))


@pytest.mark.at_once
def test_nothing_is_read_while_it_waits_for_something_else(serve, until, take, recorder, recorded):
    class Paused(recorder):
        def received(self, data):
            self.calls.append(data)
            self.waiting = Waiting.WAKE
            return b"paused"

        def resumed(self):
            self.calls.append("resumed")
            self.waiting = Waiting.IDLE
            return b"resumed"

    factory, made = recorded(Paused)
    peer = serve(factory, drain=0.3).connect()
    peer.sendall(b"one")
    assert take(peer, 6) == b"paused"
    peer.sendall(b"two")
    peer.settimeout(0.1)
    with pytest.raises(TimeoutError):
        peer.recv(1)
    assert made[0].calls == ["opened", b"one"]
    peer.settimeout(10)
    made[0].peer.wake()
    assert take(peer, 13) == b"resumedpaused"


def test_a_wake_comes_through_whatever_is_waited_for(serve, until, take, recorder, recorded):
    class Listener(recorder):
        def opened(self):
            self.waiting = Waiting.NOTHING
            self.news = []
            return b"hello "

        def resumed(self):
            news, self.news = self.news, []
            return b"".join(news)

    factory, made = recorded(Listener)
    peer = serve(factory).connect()
    assert take(peer, 6) == b"hello "
    for number in range(50):
        made[0].news.append(b"%d " % number)
        made[0].peer.wake()
    expected = b"".join(b"%d " % number for number in range(50))
    assert take(peer, len(expected)) == expected
    peer.sendall(b"still there?")
    assert take(peer, 12) == b"still there?"


@pytest.mark.concurrent
def test_a_wake_waits_until_what_was_said_before_has_gone(serve, until, take, recorder, recorded):
    said = os.urandom(16 * MIB)  # more than the kernel holds for a peer that does not read

    class Speaker(recorder):
        def received(self, data):
            self.calls.append(data)
            return said if data == b"speak" else data

        def resumed(self):
            self.calls.append("resumed")
            return b"woken"

    factory, made = recorded(Speaker)
    house = serve(factory)
    peer = house.connect()
    peer.sendall(b"speak")
    until(lambda: house.counted("sent"))
    for _ in range(20):
        made[0].peer.wake()
    other = house.connect()
    other.sendall(b"?")
    assert take(other, 1) == b"?"  # by now one thread that serves all has dealt with the wakes too
    assert made[0].calls == ["opened", b"speak"]
    assert take(peer, len(said) + 5) == said + b"woken"
    assert made[0].calls == ["opened", b"speak", "resumed"]


def test_wakes_of_a_closed_connection_do_nothing(serve, until, take, recorded):
    factory, made = recorded()
    house = serve(factory)
    house.connect().close()
    until(lambda: made and "closed" in made[0].calls)
    made[0].peer.wake()
    peer = house.connect()
    peer.sendall(b"on")
    assert take(peer, 2) == b"on"
