"""One room as a process follows it, against a real Redis; the test is its follower's thread."""

import pytest
from rooms import Log
from tcp.room.hub import Hub
from tcp.room.listener import Listener


@pytest.fixture
def small(shared_redis):
    """A log that remembers ten messages."""
    log = Log(shared_redis.url, remembered=10)
    yield log
    log.close()


@pytest.fixture
def hub(room, small):
    return Hub(room, small, "test")


def listening(hub: Hub, after: int = 0) -> Listener:
    listener = Listener(lambda: None, after, 100)
    hub.enter(listener)
    return listener


def test_nobody_is_let_in_who_has_missed_something(hub, room, log):
    log.post(room, "bob", "one")
    hub.catch_up()
    late, right = listening(hub, after=0), listening(hub, after=1)
    assert not hub.admit(late)
    assert hub.admit(right)
    log.post(room, "bob", "two")
    hub.catch_up()
    assert right.take() == [b"2 bob: two\n"]
    assert late.take() == []


def test_who_has_read_ahead_of_it_hears_nothing_twice(hub, room, log):
    hub.catch_up()
    ahead = listening(hub)
    for number in (1, 2):
        ahead.hear(log.post(room, "bob", str(number)).number, b"read\n")
    assert hub.admit(ahead)
    log.post(room, "bob", "3")
    hub.catch_up()
    assert ahead.take() == [b"read\n", b"read\n", b"3 bob: 3\n"]


def test_away_for_longer_than_the_room_remembers(hub, room, small):
    hub.catch_up()
    listener = listening(hub)
    assert hub.admit(listener)
    for number in range(1, 15):
        small.post(room, "bob", str(number))
    hub.catch_up()
    told, *heard = listener.take()
    assert told == b"* 1 to 4 are gone: the room no longer remembers them.\n"
    assert heard == [b"%d bob: %d\n" % (number, number) for number in range(5, 15)]


def test_many_pages_at_once(hub, room, log):
    hub.catch_up()
    listener = Listener(lambda: None, 0, 1000)
    hub.enter(listener)
    assert hub.admit(listener)
    for number in range(1, 251):
        log.post(room, "bob", str(number))
    hub.catch_up()
    assert listener.take() == [b"%d bob: %d\n" % (number, number) for number in range(1, 251)]
