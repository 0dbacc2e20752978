"""Work that sends before it returns, under every model, in the driver's own thread and in the pool."""

import socket
from threading import Event

import pytest
from serving.protocol import Protocol, Waiting

BIG = 4 << 20


class Pusher(Protocol):
    """Pushes what it is made with, then waits to be allowed to return."""

    pieces: tuple[bytes, ...]
    gate: Event
    failed: list[Exception]

    def __init__(self, peer):
        super().__init__(peer)
        self.peer = peer

    def received(self, data):  # noqa: ARG002
        self.waiting, self.work = Waiting.WORK, self.push
        return b"first "

    def push(self):
        try:
            for piece in self.pieces:
                self.peer.push(piece)
        except Exception as error:
            self.failed.append(error)
            raise
        self.gate.wait(20)

    def resumed(self):
        self.waiting = Waiting.END
        return b" last"


@pytest.fixture
def pusher(request):
    class Made(Pusher):
        pieces = request.param
        gate = Event()
        failed = []  # noqa: RUF012 - a list for each class that is made here

    return Made


@pytest.mark.parametrize("threads", [0, 1])
@pytest.mark.parametrize("pusher", [(b"one", b"", b"two")], indirect=True, ids=["pieces"])
def test_what_is_pushed_is_there_before_the_work_is_done(serve, threads, pusher, take, everything):
    peer = serve(pusher, threads=threads).connect()
    peer.sendall(b"?")
    assert take(peer, 12) == b"first onetwo"
    pusher.gate.set()
    assert everything(peer) == b" last"


@pytest.mark.parametrize("threads", [0, 1])
@pytest.mark.parametrize("pusher", [(b"x" * BIG, b"y" * BIG)], indirect=True, ids=["much"])
def test_it_goes_at_the_pace_of_the_peer(serve, threads, pusher, everything):
    pusher.gate.set()
    peer = serve(pusher, threads=threads).connect()
    peer.sendall(b"?")
    assert everything(peer) == b"first " + b"x" * BIG + b"y" * BIG + b" last"


@pytest.mark.parametrize("threads", [0, 1])
@pytest.mark.parametrize("pusher", [(b"x" * BIG,) * 16], indirect=True, ids=["more"])
def test_a_peer_that_does_not_read(serve, threads, pusher, until):
    peer = serve(pusher, threads=threads, unread=0.2).connect()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.sendall(b"?")
    until(lambda: pusher.failed)
    assert isinstance(pusher.failed[0], TimeoutError)


@pytest.mark.parametrize("threads", [0, 1])
@pytest.mark.parametrize("pusher", [(b"x" * BIG,) * 16], indirect=True, ids=["more"])
def test_a_peer_that_goes_away(serve, threads, pusher, take, until):
    peer = serve(pusher, threads=threads).connect()
    peer.sendall(b"?")
    take(peer, 100)
    peer.close()
    until(lambda: pusher.failed)
    assert isinstance(pusher.failed[0], ConnectionError)
