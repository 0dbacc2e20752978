"""From any number on, every message once and in order: that is what a listener is promised."""

import contextlib
import socket
import threading

import pytest
from rooms import Log
from rooms.keys import log_key
from running import hear, numbers, until
from websockets.exceptions import ConnectionClosed


def test_after_brings_what_has_been_missed_and_goes_on(service, log, room):
    for number in range(1, 6):
        log.post(room, "web", str(number))
    with service.room(room, after=2) as client:
        assert numbers(client, 3) == [3, 4, 5]
        log.post(room, "web", "6")
        assert numbers(client, 1) == [6]


def test_after_zero_brings_everything(service, log, room):
    for number in range(1, 351):  # several pages, and more than may wait for a listener who does not read
        log.post(room, "web", str(number))
    with service.room(room, after=0) as client:
        assert numbers(client, 350) == list(range(1, 351))


def test_without_after_it_begins_now(service, log, room):
    log.post(room, "web", "old")
    with service.room(room) as client:
        log.post(room, "web", "new")
        assert hear(client)["text"] == "new"


def test_a_connection_that_breaks_again_and_again_misses_nothing(service, redis, room):
    """Somebody posts all the time; the listener goes and comes back with the number that it saw last."""
    total, heard = 400, []

    def talk():
        with contextlib.closing(Log(redis.url)) as log:
            for number in range(1, total + 1):
                log.post(room, "web", str(number))

    talking = threading.Thread(target=talk)
    talking.start()
    while len(heard) < total:
        # Where two cores have much to do it may be cut off as too slow: that too is a break.
        with (
            contextlib.suppress(ConnectionClosed, OSError),
            service.room(room, after=len(heard)) as client,
        ):
            for _ in range(min(37, total - len(heard))):
                heard += numbers(client, 1)
            client.socket.shutdown(socket.SHUT_RDWR)  # without a closing handshake
    talking.join()
    assert heard == list(range(1, total + 1))


def test_what_the_room_has_forgotten_is_told(service, redis, room):
    with contextlib.closing(Log(redis.url, remembered=10)) as log:
        for number in range(1, 31):
            log.post(room, "web", str(number))
    with service.room(room, after=5) as client:
        assert hear(client) == {"type": "missed", "from": 6, "to": 20}
        assert numbers(client, 10) == list(range(21, 31))
    with service.room(room, after=20) as client:
        assert numbers(client, 10) == list(range(21, 31))


def test_the_future_is_an_error_and_the_listener_goes_on_at_the_end(service, log, room):
    log.post(room, "web", "1")
    with service.room(room, after=99) as client:
        error = hear(client)
        assert (error["type"], error["code"], error["last"]) == ("error", "after_in_future", 1)
        log.post(room, "web", "2")
        assert numbers(client, 1) == [2]


def test_lost_wake_ups_are_made_up_for(service, log, room):
    """Write to the log behind everybody's back: the beat finds it, and so does the next wake-up."""
    with service.room(room) as client:
        log.redis.xadd(log_key(room), {"author": "x", "text": "silent", "time": "0"}, id="1-0")
        assert hear(client, 5)["text"] == "silent"  # by the beat
        log.redis.xadd(log_key(room), {"author": "x", "text": "silent", "time": "0"}, id="2-0")
        log.post(room, "web", "loud")
        assert numbers(client, 2) == [2, 3]


def test_a_log_that_was_lost_is_said_and_followed(service, log, room):
    for number in range(1, 6):
        log.post(room, "web", str(number))
    with service.room(room, after=0) as client:
        assert numbers(client, 5) == [1, 2, 3, 4, 5]
        log.redis.delete(log_key(room))
        error = hear(client, 5)
        assert (error["type"], error["code"], error["last"]) == ("error", "after_in_future", 0)
        log.post(room, "web", "anew")
        assert numbers(client, 1) == [1]


@pytest.mark.parametrize("listeners", [20])
def test_listeners_who_come_at_any_time_hear_the_same(service, redis, room, listeners):
    with contextlib.closing(Log(redis.url)) as log, contextlib.ExitStack() as stack:
        clients = []
        for number in range(1, listeners + 1):
            log.post(room, "web", str(number))
            clients.append(stack.enter_context(service.connect(f"/ws/rooms/{room}?after=0")))
        for client in clients:
            assert numbers(client, listeners) == list(range(1, listeners + 1))
    until(lambda: service.health()[1]["rooms"] == 0)
