"""Deadlines of a conversation that waits, with a peer that always has something to say, or to be told."""

import io
import select
import socket
from collections.abc import Iterator
from time import monotonic

import pytest
from serving.blocking import Blocking
from serving.counters import Board, Count
from serving.driver import Service
from serving.iterative import Iterative
from serving.limits import Limits
from serving.listener import open_listener
from serving.log import Log
from serving.protocol import Protocol, Waiting


class Heads(Protocol):
    """Never has enough, until it says so."""

    def received(self, data):
        self.waiting = Waiting.END if b"." in data else Waiting.HEAD
        return b""


class Stream(Protocol):
    """Streams for ever; at least for longer than anybody would wait."""

    def opened(self):
        self.waiting, self.pieces = Waiting.SENT, 0
        return b""

    def resumed(self):
        self.pieces += 1
        assert self.pieces < 10_000
        return b""


@pytest.fixture
def meet() -> Iterator:
    """A protocol's conversation, and its peer."""
    opened = []

    def begin(factory) -> tuple[Blocking, socket.socket]:
        listener = open_listener(("127.0.0.1", 0))
        log = Log("test", io.StringIO())
        driver = Iterative(listener, Service("test", factory, Limits()), Board().add("test"), log)
        peer = socket.create_connection(listener.getsockname())
        select.select([listener], [], [], 10)
        descriptor, remote = driver.accept()
        opened.extend([listener, driver.bell, peer])
        return Blocking(driver, socket.socket(fileno=descriptor), remote, driver.bell), peer

    yield begin
    for what in opened:
        what.close()


def hear(conversation: Blocking, peer: socket.socket, data: bytes) -> None:
    """Have it listen when there is something to hear."""
    peer.sendall(data)
    select.select([conversation.sock], [], [], 10)
    conversation.listen()


def test_who_sends_on_after_the_end_is_not_waited_for_longer_than_others(meet):
    conversation, peer = meet(Heads)
    conversation.open()
    hear(conversation, peer, b".")
    assert conversation.ending
    hear(conversation, peer, b"more")
    assert not conversation.gone
    conversation.seen -= 10
    hear(conversation, peer, b"and more")
    assert conversation.gone


def test_a_head_that_never_stops_coming_has_its_deadline(meet):
    conversation, peer = meet(Heads)
    conversation.open()
    hear(conversation, peer, b"x")
    assert conversation.protocol.waiting is Waiting.HEAD
    conversation.seen -= 20
    hear(conversation, peer, b"x")
    assert conversation.ending
    conversation.close()


def test_a_stream_without_end_is_cut_off_when_the_time_to_drain_is_over(meet):
    conversation, _ = meet(Stream)
    conversation.driver.stop()
    conversation.driver.end = monotonic()
    conversation.run()
    assert '"cut", "connections": 1' in conversation.driver.log.stream.getvalue()
    assert conversation.driver.row[Count.FAILED] == 0
