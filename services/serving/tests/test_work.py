"""Blocking work, in the driver itself and in its pool."""

# ruff: noqa: ARG002 - protocols that ignore what they get

import socket
import sys
import threading

import pytest
from serving.protocol import Protocol, Waiting


class Echo(Protocol):
    def received(self, data):
        return data


@pytest.mark.parametrize("threads", [0, 2])
def test_work_is_done_and_then_it_is_resumed(serve, threads, take):
    class Worker(Protocol):
        def received(self, data):
            self.waiting, self.work = Waiting.WORK, lambda: self.toil(data)
            return b"wait "

        def toil(self, data):
            self.result = data.upper()

        def resumed(self):
            self.waiting = Waiting.IDLE
            return self.result

    peer = serve(Worker, threads=threads).connect()
    for word in (b"one", b"two"):
        peer.sendall(word)
        assert take(peer, 8) == b"wait " + word.upper()


@pytest.mark.parametrize("threads", [0, 2])
def test_work_reads_on(serve, threads, everything, take):
    class Reader(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.peer, self.data, self.over = peer, b"", False

        def received(self, data):
            self.data += data
            if self.waiting is Waiting.IDLE:
                self.waiting, self.work = Waiting.WORK, self.read_all
                return b"go on;"
            return b"+"

        def ended(self):
            self.over = True
            return b"."

        def read_all(self):
            while not self.over:
                self.peer.pull()

        def resumed(self):
            self.waiting = Waiting.END
            return self.data

    peer = serve(Reader, threads=threads).connect()
    peer.sendall(b"one")
    assert take(peer, 6) == b"go on;"
    peer.sendall(b"two")
    assert take(peer, 1) == b"+"
    peer.sendall(b"three")
    assert take(peer, 1) == b"+"
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == b".onetwothree"


@pytest.mark.at_once
@pytest.mark.parametrize("threads", [0, 1])
def test_work_that_waits_for_bytes_learns_that_none_come(serve, threads, everything):
    class Reader(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.peer, self.late = peer, False

        def received(self, data):
            self.waiting, self.work = Waiting.WORK, self.peer.pull
            return b""

        def expired(self):
            self.late = True
            return b"late "

        def resumed(self):
            self.waiting = Waiting.END
            return b"and known" if self.late else b"unknown"

    peer = serve(Reader, threads=threads, content=0.2).connect()
    peer.sendall(b"one")
    assert everything(peer) == b"late and known"


@pytest.mark.parametrize("threads", [0, 1])
def test_work_that_fails_resets_the_connection(serve, threads, until, recorder, recorded):
    class Worker(recorder):
        def received(self, data):
            self.waiting, self.work = Waiting.WORK, self.fail
            return b""

        def fail(self):
            raise RuntimeError("on purpose")

    factory, made = recorded(Worker)
    house = serve(factory, threads=threads)
    peer = house.connect()
    peer.sendall(b"?")
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    until(lambda: made[0].calls[-1:] == ["closed"])
    assert house.counted("failed") == 1
    assert "on purpose" in house.text.getvalue()


def test_no_thread_is_left_behind(serve, until, take):
    before = threading.active_count()
    house = serve(Echo, threads=2)
    peer = house.connect()
    peer.sendall(b"one")
    take(peer, 3)
    peer.close()
    house.stop()
    assert house.stopped()
    until(lambda: threading.active_count() <= before)  # threads of an earlier test may have ended too


@pytest.mark.models("selector", "asyncio")
def test_work_in_the_pool_that_exits_resets_the_connection_and_costs_no_thread(serve):
    class Exiting(Protocol):
        def received(self, data):
            self.waiting, self.work = Waiting.WORK, sys.exit
            return b""

    house = serve(Exiting, threads=1)
    for _ in range(2):
        peer = house.connect()
        peer.sendall(b"?")
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
