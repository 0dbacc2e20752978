"""Listeners who do not read: bounded, closed with a code, and no burden to the others."""

import contextlib
import socket
import time

import pytest
from rooms import Log
from running import Service, hear, numbers, until
from websockets.exceptions import ConnectionClosed


@pytest.fixture
def small_windows(monkeypatch):
    """Sockets of the tests that take little, so that little has to be sent to fill them."""

    def connection(address, timeout):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(timeout)
        client.connect(address)
        return client

    return connection


def test_who_does_not_read_is_closed_and_the_others_hear_everything(service, redis, room, small_windows):
    before = service.health()[1]["slow"]
    sock = small_windows(("127.0.0.1", service.port), 10)
    with (
        contextlib.closing(Log(redis.url)) as log,
        service.room(room) as reader,
        service.connect(f"/ws/rooms/{room}?after=0", sock=sock, max_queue=1) as sleeper,
    ):
        posted = 0
        while service.health()[1]["slow"] == before:
            for _ in range(50):
                log.post(room, "web", "x" * 4096)
            heard = numbers(reader, 50)
            assert heard == list(range(posted + 1, posted + 51))
            posted += 50
            assert posted <= 500, "no more than 256 messages, and what the kernel buffers, may wait"
        # The sleeper wakes up: it finds what had been sent, and then the code. It comes back and has the
        # rest.
        seen = []
        with pytest.raises(ConnectionClosed):  # noqa: PT012 (one of many reads finds it closed)
            while True:
                frame = hear(sleeper)
                if frame["type"] == "message":
                    seen.append(frame["number"])
        assert sleeper.protocol.close_rcvd.code == 1013
        assert "after=" in sleeper.protocol.close_rcvd.reason
        assert seen == list(range(1, len(seen) + 1))
        with service.room(room, after=seen[-1]) as again:
            assert numbers(again, posted - len(seen)) == list(range(len(seen) + 1, posted + 1))


def test_who_is_slow_at_catching_up_is_waited_for(service, log, room, small_windows):
    """The log waits; only what is live can't."""
    before = service.health()[1]["slow"]
    for _ in range(600):
        log.post(room, "web", "x" * 4096)
    sock = small_windows(("127.0.0.1", service.port), 10)
    with service.connect(f"/ws/rooms/{room}?after=0", sock=sock, max_queue=1) as client:
        assert hear(client)["type"] == "welcome"
        for number in range(1, 601):
            assert numbers(client, 1) == [number]
            if number % 100 == 0:
                time.sleep(0.1)  # it is slow
    assert service.health()[1]["slow"] == before


def test_who_never_reads_again_is_reset_by_the_kernel(redis, room, small_windows, monkeypatch):
    """Nothing that waits for it, and no connection, stays for ever."""
    service = Service(redis.url, REALTIME_SEND_SECONDS="2")
    sock = small_windows(("127.0.0.1", service.port), 10)
    try:
        with contextlib.closing(Log(redis.url)) as log:
            key = "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=="
            sock.sendall(
                f"GET /ws/rooms/{room}?after=0 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                f"Upgrade: websocket\r\n{key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            until(lambda: service.health()[1]["websockets"] == 1)
            for _ in range(600):
                log.post(room, "web", "x" * 4096)
            until(lambda: service.health()[1]["websockets"] == 0, 15)
    finally:
        sock.close()
        assert service.stop() == 0
