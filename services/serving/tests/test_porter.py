"""Who may come in: limits, descriptors that run out, who has to leave then, and peers that do not wait."""

import io
import resource
import socket
import time
from contextlib import contextmanager

import pytest
from serving.conversation import TURN
from serving.counters import Board, Count
from serving.driver import Driver, Service
from serving.limits import Limits
from serving.listener import open_listener
from serving.log import Log
from serving.porter import PAUSE, REST, SHARE
from serving.protocol import Protocol, Waiting


class Echo(Protocol):
    def received(self, data):
        return data


def answers(peer: socket.socket) -> bool:
    peer.sendall(b"?")
    return peer.recv(10) == b"?"


def survives(peer: socket.socket) -> bool:
    try:
        return answers(peer)
    except ConnectionError:
        return False


def free() -> int:
    """The next descriptor that there is."""
    with socket.socket() as next_one:
        return next_one.fileno()


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
    assert house.text.getvalue().count('"refused", "peer": "127.0.0.1') == 5  # and not a line for each
    inside[0].close()
    until(lambda: house.counted("open") == 2)
    assert answers(house.connect())


def test_of_a_flood_one_at_a_time_is_refused_while_those_inside_speak_and_else_many(reset):
    listener = open_listener(("127.0.0.1", 0))
    row = Board().add("test")
    driver = Driver(listener, Service("test", Echo, Limits(connections=1)), row, Log("test", io.StringIO()))
    row[Count.OPEN] = 1  # somebody is inside
    flood = [socket.create_connection(listener.getsockname()) for _ in range(TURN + 4)]
    refused = 0
    busy, quiet = (True, 1, PAUSE), (False, TURN, 0)
    for spoken, some, rest in (busy, busy, quiet, busy, busy, (True, 0, 0), (False, 0, 0)):
        row[Count.PIECES] += spoken
        refused += some
        assert driver.accept() is None
        assert (row[Count.REFUSED], driver.rest) == (refused, rest)
    assert not driver.starved
    listener.close()
    for peer in flood:
        reset(peer)


@pytest.mark.concurrent
def test_a_flood_past_the_limit_is_refused_to_the_last(serve, until):
    house = serve(Echo, connections=1)
    inside = house.connect()
    flood = [house.connect() for _ in range(200)]
    assert answers(inside)
    assert [peer.recv(1) for peer in flood] == [b""] * len(flood)
    assert house.counted("refused") == len(flood)
    inside.close()
    until(lambda: house.counted("open") == 0)
    assert answers(house.connect())


class Sitting:
    """Somebody who has been here since ``seen``."""

    def __init__(self, seen, idle=True):
        self.seen, self.idle = seen, lambda: idle
        self.evicted = False

    def evict(self):
        self.evicted = True


@pytest.mark.parametrize("idle", [0, 1, SHARE - 1, SHARE, 10 * SHARE])
def test_of_many_who_are_idle_a_few_leave_at_once_the_eldest_first(idle):
    listener = open_listener(("127.0.0.1", 0))
    driver = Driver(listener, Service("test", Echo), Board().add("test"), Log("test", io.StringIO()))
    sitting = [Sitting(seen) for seen in range(idle)]
    everyone = [*reversed(sitting), *(Sitting(-1, idle=False) for _ in range(SHARE))]
    driver.everyone = lambda: everyone
    assert driver.make_room() == bool(idle)
    gone = 1 + idle // SHARE
    assert [somebody.evicted for somebody in sitting] == ([True] * gone + [False] * idle)[:idle]
    assert not any(somebody.evicted for somebody in everyone[idle:])
    listener.close()


class Busy(Protocol):
    """Echoes, and says that more is to come."""

    def received(self, data):
        self.waiting = Waiting.CONTENT
        return data


@pytest.mark.concurrent
def test_who_comes_when_descriptors_have_run_out_waits_for_one_of_those_who_are_busy(serve, until):
    house = serve(Busy)
    begin, asked = time.monotonic(), []
    house.driver.make_room = lambda make=house.driver.make_room: asked.append(True) or make()
    busy = [house.connect() for _ in range(2)]
    assert all(map(answers, busy))
    peers = [socket.socket() for _ in range(12)]
    with descriptors(free()):
        for peer in peers:
            peer.connect(house.address)
        until(lambda: house.counted("starved"))
        time.sleep(0.3)
        assert all(map(answers, busy))
        assert house.text.getvalue().count('"starved", "reason": ') == 1
        assert len(asked) <= 1 + (time.monotonic() - begin) / REST, "it spins"
        assert house.counted("evicted") == 0
    assert answers(peers[0])  # it queues, and has its turn
    until(lambda: answers(house.connect()) and "recovered" in house.text.getvalue())
    for peer in peers:
        peer.close()


@pytest.mark.concurrent
def test_who_comes_when_descriptors_have_run_out_gets_the_place_of_who_is_idle_for_longest(serve, until):
    house = serve(Echo)
    talker = house.connect()
    assert answers(talker)
    peers = [socket.socket() for _ in range(12)]
    with descriptors(free() + 2 * house.driver.descriptors):
        for peer in peers:
            peer.connect(house.address)
            assert answers(peer)
            assert answers(talker)
    served = [survives(peer) for peer in peers]
    assert served == sorted(served), "not the eldest have gone"
    assert served[-1]
    assert not served[-3]
    assert house.counted("evicted") == served.count(False)
    assert house.counted("open") == served.count(True) + 1
    assert house.counted("starved") == 1
    assert house.text.getvalue().count('"starved", "reason": ') == 1
    for peer in peers:
        peer.close()
    until(lambda: answers(house.connect()) and "recovered" in house.text.getvalue())


@pytest.mark.concurrent
def test_nobody_loses_his_place_to_nobody(serve):
    house = serve(Echo)  # which looks around a few times a second
    sitting = [house.connect() for _ in range(3)]
    assert all(map(answers, sitting))
    with descriptors(free()):
        time.sleep(8 * house.driver.tick)
        assert house.counted("starved") == 0
    assert all(map(survives, sitting))


@pytest.mark.concurrent
def test_nobody_loses_his_place_in_mid_answer(serve, until, take):
    class Much(Echo):
        def received(self, data):
            return data * (1 << 24)

    house = serve(Much, unread=1000)
    reader = house.connect()
    reader.sendall(b"?")
    until(lambda: house.counted("sent"))
    peers = [socket.socket() for _ in range(8)]
    with descriptors(free() + 2 * house.driver.descriptors):
        for peer in peers:
            peer.connect(house.address)
        until(lambda: house.counted("accepted") == 9)
    for peer in peers:
        peer.close()
    assert take(reader, 1 << 24) == b"?" * (1 << 24)


def test_a_peer_that_has_gone_before_it_was_accepted_is_no_fault(serve, reset):
    house = serve(Echo)
    for _ in range(20):
        reset(house.connect())
    assert answers(house.connect())
    assert house.counted("failed") == 0
