"""Protocols that fail and peers that break off: each costs its own connection only."""

# ruff: noqa: ARG002, PT012, PLR0917 - protocols that ignore what they get; conversations that break somewhere

import socket

import pytest
from serving.protocol import Waiting


@pytest.mark.parametrize("method", ["__init__", "opened", "received", "ended", "expired", "resumed"])
def test_a_protocol_that_fails_loses_its_own_connection_only(serve, method, until, take, recorder):
    class Faulty(recorder):
        def received(self, data):
            self.waiting = Waiting.SENT
            return b""

        def resumed(self):
            self.waiting = Waiting.IDLE
            return b""

    def fail(*_):
        raise RuntimeError("on purpose")

    faulty = type("Faulty", (Faulty,), {method: fail})
    made = []
    healthy = False

    def factory(peer):
        made.append(recorder(peer) if healthy else faulty(peer))
        return made[-1]

    house = serve(factory, idle=0.2)
    with pytest.raises(ConnectionResetError):
        peer = house.connect()
        if method in {"received", "resumed"}:
            peer.sendall(b"?")
        if method == "ended":
            peer.shutdown(socket.SHUT_WR)
        peer.recv(1)
    until(lambda: house.counted("open") == 0)
    until(lambda: all(protocol.calls[-1] == "closed" for protocol in made))
    assert house.counted("failed") == 1
    assert '"failed", "peer": "127.0.0.1' in house.text.getvalue()
    healthy = True
    peer = house.connect()
    peer.sendall(b"on")
    assert take(peer, 2) == b"on"


def test_a_reset_is_counted_and_the_others_go_on(serve, reset, until, take, recorded):
    factory, made = recorded()
    house = serve(factory)
    peer = house.connect()
    peer.sendall(b"one")
    take(peer, 3)
    reset(peer)
    until(lambda: "closed" in made[0].calls)
    assert house.counted("reset") == 1
    assert house.counted("open") == 0
    assert '"reset", "peer": "127.0.0.1' in house.text.getvalue()
    peer = house.connect()
    peer.sendall(b"on")
    assert take(peer, 2) == b"on"


@pytest.mark.at_once
def test_a_reset_is_noticed_while_nothing_is_read(serve, reset, until, take, recorder, recorded):
    class Paused(recorder):
        def received(self, data):
            self.waiting = Waiting.WAKE
            return b"paused"

    factory, made = recorded(Paused)
    house = serve(factory, drain=0.3)
    peer = house.connect()
    peer.sendall(b"one")
    take(peer, 6)
    reset(peer)
    until(lambda: made[0].calls[-1:] == ["closed"])
    assert house.counted("reset") == 1
