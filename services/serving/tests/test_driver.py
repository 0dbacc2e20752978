"""Who may come in: limits, descriptors that run out, and peers that do not wait."""

import io
import resource
import socket
import time
from contextlib import contextmanager

import pytest
from serving.counters import Board, Count
from serving.driver import Driver, Service
from serving.limits import Limits
from serving.listener import open_listener
from serving.log import Log
from serving.protocol import Protocol


class Echo(Protocol):
    def received(self, data):
        return data


def answers(peer: socket.socket) -> bool:
    peer.sendall(b"?")
    return peer.recv(10) == b"?"


@contextmanager
def descriptors(number: int):
    """So many descriptors, and no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.concurrent
def test_a_connection_past_the_limit_is_told_so_and_those_inside_go_on(serve, everything, until):
    house = serve(Echo, connections=3, refusal=b"full")
    inside = [house.connect() for _ in range(3)]
    assert all(map(answers, inside))
    for _ in range(20):
        with house.connect() as peer:
            assert everything(peer) == b"full"
    assert all(map(answers, inside))
    assert house.counted("refused") == 20
    assert house.counted("open") == 3
    assert house.text.getvalue().count("refused peer=127.0.0.1") == 5  # and not a line for each
    inside[0].close()
    until(lambda: house.counted("open") == 2)
    assert answers(house.connect())


def test_of_a_flood_past_the_limit_one_is_refused_before_it_is_the_turn_of_those_inside(reset):
    listener = open_listener(("127.0.0.1", 0))
    row = Board().add("test")
    driver = Driver(listener, Service("test", Echo, Limits(connections=1)), row, Log("test", io.StringIO()))
    row[Count.OPEN] = 1  # somebody is inside
    flood = [socket.create_connection(listener.getsockname()) for _ in range(3)]
    for refused in (1, 2, 3, 3):
        assert driver.accept() is None
        assert row[Count.REFUSED] == refused
    assert not driver.starved
    listener.close()
    for peer in flood:
        reset(peer)


@pytest.mark.concurrent
def test_descriptors_run_out_and_are_given_back(serve, until):
    house = serve(Echo)
    first = house.connect()
    assert answers(first)
    peers = [socket.socket() for _ in range(12)]
    with socket.socket() as next_one:
        free = next_one.fileno()
    with descriptors(free + 2):
        for peer in peers:
            peer.connect(house.address)
        until(lambda: house.counted("starved"))
        busy = time.process_time()
        time.sleep(0.3)
        assert time.process_time() - busy < 0.15, "it spins"
        assert answers(first)
        assert "starved reason=" in house.text.getvalue()
        for peer in peers:
            peer.close()
    until(lambda: house.counted("open") == 1)
    assert answers(house.connect())
    until(lambda: "recovered" in house.text.getvalue())


def test_a_peer_that_has_gone_before_it_was_accepted_is_no_fault(serve, reset):
    house = serve(Echo)
    for _ in range(20):
        reset(house.connect())
    assert answers(house.connect())
    assert house.counted("failed") == 0
