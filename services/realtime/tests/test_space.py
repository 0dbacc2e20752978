"""Limits of a whole process."""

import contextlib
import socket

import pytest
from running import Service, crowd, hear, numbers, until
from websockets.exceptions import ConnectionClosed, InvalidStatus


@pytest.fixture(scope="module")
def small(redis):
    service = Service(redis.url, REALTIME_CONNECTIONS="3", REALTIME_ROOMS="2")
    yield service
    assert service.stop() == 0


def test_connections(small):
    with crowd(small, "/ws/echo", 3) as clients:
        with pytest.raises(InvalidStatus) as caught, small.connect("/ws/echo"):
            pass
        assert caught.value.response.status_code == 503
        assert "3 connections" in caught.value.response.body.decode()
        for path in ("/rooms/lobby/wait", "/rooms/lobby/events"):
            status, _, content = small.get(path)
            assert (status, b"no_space" in content) == (503, True)
        assert small.health()[1]["refused"] == 3
        assert small.get("/livez")[0] == 200
        for client in clients:
            client.send("we go on")
            assert client.recv(5) == "we go on"
    until(lambda: small.health()[1]["connections"] == 0)
    with small.connect("/ws/echo") as client:
        client.send("again")
        assert client.recv(5) == "again"


def test_nothing_is_left_of_rooms_that_nobody_follows(small, log):
    """However a listener goes, and be it before its hub has opened, Redis is told."""
    for number in range(50):
        small.get(f"/rooms/r{number}/wait?timeout=0")
    with small.room("one"), small.room("two"):
        assert len(log.redis.pubsub_channels("layercake*")) >= 2
    until(lambda: not log.redis.pubsub_channels("layercake*__group__room.*"))
    until(lambda: len(log.redis.pubsub_channels("layercake*")) == 0)


def test_rooms(small):
    with small.room("one") as one, small.room("two"):
        with small.connect("/ws/rooms/three") as client:
            assert hear(client)["code"] == "too_many_rooms"
            with pytest.raises(ConnectionClosed):
                client.recv(5)
            assert client.protocol.close_rcvd.code == 1013
        for path in ("/rooms/three/wait", "/rooms/three/events"):
            assert small.get(path)[0] == 503
        with small.room("one"):
            one.ping().wait(5)
    until(lambda: small.health()[1]["rooms"] == 0)
    with small.room("three"):
        pass


def test_descriptors_that_run_out_come_back(redis, log, room):
    """Whoever finds none left is turned away; those who are in go on, and afterwards all is as before."""
    service = Service(redis.url, prefix=["prlimit", "--nofile=64:64"])
    try:
        assert "raise the limit (ulimit -Hn)" in service.log
        with service.room(room) as client, contextlib.ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(("127.0.0.1", service.port), 5))
            for number in range(20):
                log.post(room, "web", str(number))
            assert numbers(client, 20) == list(range(1, 21))
        until(lambda: service.health()[0] == 200, 20)
    finally:
        assert service.stop() == 0
