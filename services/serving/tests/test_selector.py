"""What the selector does that no other model does: reads that grow, turns, and one thread for all."""

import os
import socket
import threading
import time

import pytest
from serving.poller import Poll
from serving.protocol import Protocol, Waiting
from serving.selector import SIZES, Selector

# ruff: noqa: ARG002 - protocols that ignore what they get

pytestmark = pytest.mark.models("selector", "poll")


class Echo(Protocol):
    def received(self, data):
        return data


@pytest.fixture
def house(serve):
    return serve(Echo)


def test_poll_takes_the_place_of_epoll(house, model):
    assert isinstance(house.driver, Selector)
    assert isinstance(house.driver.poller, Poll) == (model == "poll")


def test_a_peer_that_fills_what_is_read_has_more_read_from_then_on(serve):
    sizes = []

    class Sizes(Protocol):
        def received(self, data):
            sizes.append(len(data))
            return b""

    peer = serve(Sizes).connect()
    sent = 0
    while max(sizes, default=0) <= SIZES[1] and sent < 1 << 26:
        sent += peer.send(bytes(1 << 20))
    assert sizes[0] == SIZES[0]
    assert SIZES[1] in sizes
    assert SIZES[1] < max(sizes) <= SIZES[2]


def test_messages_of_every_size_around_what_is_read_come_back(house, take):
    peer = house.connect()
    for size in (1, *(size + more for size in SIZES for more in (-1, 0, 1))):
        message = os.urandom(size)
        peer.sendall(message)
        assert take(peer, size) == message


def test_one_thread_serves_a_thousand_connections(house, until, take):
    threads = threading.active_count()
    peers = [house.connect() for _ in range(1000)]
    for peer in peers:
        peer.sendall(b"?")
    assert all(take(peer, 1) == b"?" for peer in peers)
    assert threading.active_count() == threads
    assert house.counted("open") == 1000


def test_an_endless_stream_leaves_the_others_their_turn(serve, take):
    class Stream(Protocol):
        def received(self, data):
            if data == b"stream":
                self.waiting = Waiting.SENT
            return data

        def resumed(self):
            return b"."

    house = serve(Stream, drain=0.3)
    listener = house.connect()
    listener.sendall(b"stream")
    reader = threading.Thread(target=drain, args=(listener,))
    reader.start()
    other = house.connect()
    begin = time.monotonic()
    for _ in range(100):
        other.sendall(b"?")
        assert take(other, 1) == b"?"
    assert time.monotonic() - begin < 5
    house.stop()
    reader.join(10)
    assert not reader.is_alive()


def drain(peer: socket.socket) -> None:
    try:
        while peer.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass  # it was cut off, as it should be


def test_slow_work_in_the_pool_leaves_the_others_their_turn(serve, take):
    gate = threading.Event()

    class Slow(Protocol):
        def received(self, data):
            if data == b"work":
                self.waiting, self.work = Waiting.WORK, lambda: gate.wait(10)
                return b""
            return data

        def resumed(self):
            self.waiting = Waiting.IDLE
            return b"done"

    house = serve(Slow, threads=1)
    slow, other = house.connect(), house.connect()
    slow.sendall(b"work")
    for _ in range(10):
        other.sendall(b"?")
        assert take(other, 1) == b"?"
    gate.set()
    assert take(slow, 4) == b"done"


def test_a_peer_that_breaks_while_its_work_runs_is_told_of_when_it_is_over(serve, reset, until, take):
    gate = threading.Event()
    calls = []

    class Slow(Protocol):
        def received(self, data):
            self.waiting, self.work = Waiting.WORK, lambda: gate.wait(10)
            return b"wait"

        def resumed(self):
            calls.append("resumed")
            return b""

        def closed(self):
            calls.append("closed")

    house = serve(Slow, threads=1)
    peer = house.connect()
    peer.sendall(b"?")
    take(peer, 4)
    reset(peer)
    until(lambda: house.counted("reset") == 1)
    assert calls == []
    gate.set()
    until(lambda: calls)
    assert calls == ["closed"]
