"""How long a peer is waited for, by what is waited for."""

# ruff: noqa: ARG002 - protocols that ignore what they get

import time

import pytest
from serving.protocol import Protocol, Waiting


@pytest.mark.at_once
def test_an_idle_peer_is_closed_in_time(serve, everything, until, take, recorded):
    factory, made = recorded()
    house = serve(factory, idle=1.0)
    peer = house.connect()
    begin = time.monotonic()
    for _ in range(4):
        time.sleep(0.3)
        peer.sendall(b"x")
        take(peer, 1)
    assert everything(peer) == b""
    assert time.monotonic() - begin > 2
    peer.close()
    until(lambda: made[0].calls[-2:] == ["expired", "closed"])
    assert house.counted("expired") == 1
    assert "expired" not in house.text.getvalue()


@pytest.mark.at_once
def test_a_head_that_trickles_in_does_not_extend_its_deadline(serve, everything, until, recorder):
    class Head(recorder):
        def received(self, data):
            self.waiting = Waiting.HEAD
            return b""

        def expired(self):
            self.waiting = Waiting.END
            return b"408"

    house = serve(Head, head=0.4)
    peer = house.connect()
    begin = time.monotonic()
    peer.settimeout(0.05)
    answer = b""
    while not answer and time.monotonic() - begin < 5:
        peer.sendall(b"x")
        try:
            answer = peer.recv(3)
        except TimeoutError:
            continue
    assert answer == b"408"
    assert time.monotonic() - begin > 0.3
    assert '"expired", "peer": "127.0.0.1' in house.text.getvalue()
    assert '"waiting": "head"' in house.text.getvalue()


@pytest.mark.at_once
def test_each_head_has_its_own_deadline(serve, take):
    class Heads(Protocol):
        def received(self, data):
            self.waiting = Waiting.HEAD
            return b"." if data == b"!" else b""

    peer = serve(Heads, head=1.2).connect()
    for _ in range(8):
        time.sleep(0.2)
        peer.sendall(b"!")
        assert take(peer, 1) == b"."


@pytest.mark.at_once
def test_a_head_after_an_idle_time_has_its_whole_deadline(serve, take):
    class Message(Protocol):
        def received(self, data):
            self.waiting = Waiting.IDLE if data.endswith(b"!") else Waiting.HEAD
            return b"." if data.endswith(b"!") else b""

        def expired(self):
            self.waiting = Waiting.END
            return b"expired"

    peer = serve(Message, head=1.5, idle=8).connect()
    peer.sendall(b"one")
    time.sleep(0.1)
    peer.sendall(b"!")
    assert take(peer, 1) == b"."
    time.sleep(1.5)
    peer.sendall(b"two")
    time.sleep(0.2)
    peer.sendall(b"!")
    assert take(peer, 1) == b"."


@pytest.mark.at_once
def test_content_may_take_long_but_not_stop(serve, everything):
    class Content(Protocol):
        def received(self, data):
            self.waiting = Waiting.CONTENT
            return b""

        def expired(self):
            self.waiting = Waiting.END
            return b"408"

    peer = serve(Content, content=1.0).connect()
    for _ in range(6):
        peer.sendall(b"x")
        time.sleep(0.2)
    assert everything(peer) == b"408"


@pytest.mark.at_once
def test_who_waits_on_after_a_deadline_gets_the_same_time_again(serve, everything):
    class Patient(Protocol):
        times = 0

        def received(self, data):
            return data

        def expired(self):
            self.times += 1
            if self.times == 3:
                self.waiting = Waiting.END
            return b"%d" % self.times

    peer = serve(Patient, idle=0.1).connect()
    assert everything(peer) == b"123"
