"""What breaks under load, and that everybody has heard all that was acknowledged, once and in order."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from rooms.redis_server import RedisServer
from running import Service, accounted, hear, say, until

#: How long Redis is gone: longer than every back-off, so that whoever gives up has given up by then.
DOWN_SECONDS = 10


@pytest.fixture
def fragile(tmp_path):
    """A Redis that may be broken."""
    with RedisServer(tmp_path) as server:
        yield server


def test_redis_is_killed_and_comes_back(fragile, room):
    service = Service(fragile.url, "--workers", "2")
    try:
        with accounted(service, fragile, room, 12) as (posting, _):
            fragile.kill()
            until(lambda: service.health()[0] == 503)
            until(lambda: posting.failures > 3)
            time.sleep(DOWN_SECONDS)  # the fault is that nothing comes
            fragile.start()
            until(lambda: service.health()[0] == 200)
    finally:
        assert service.stop() == 0
    assert "Traceback" not in service.log


def test_redis_hangs_and_goes_on(fragile, room):
    service = Service(fragile.url)
    try:
        with accounted(service, fragile, room, 4):
            fragile.process.send_signal(signal.SIGSTOP)
            time.sleep(2)  # the fault is that nothing happens
            fragile.process.send_signal(signal.SIGCONT)
    finally:
        fragile.process.send_signal(signal.SIGCONT)
        assert service.stop() == 0


def test_the_subscriptions_connection_is_cut(fragile, log, room):
    """Wake-ups are lost for a moment; the log is not."""
    service = Service(fragile.url)
    try:
        with accounted(service, fragile, room, 4) as (posting, _), Redis.from_url(fragile.url) as client:
            for _ in range(5):
                client.client_kill_filter(_type="pubsub")
                count = len(posting.posted)
                until(lambda count=count: len(posting.posted) > count + 20)
    finally:
        assert service.stop() == 0


def test_a_worker_is_killed(fragile, room):
    service = Service(fragile.url, "--workers", "2")
    try:
        with accounted(service, fragile, room, 12) as (_, listening):
            worker = service.health()[1]["process"]
            os.kill(worker, signal.SIGKILL)
            until(lambda: sum(listener.connections for listener in listening) > len(listening))
    finally:
        assert service.stop() == 0


def test_while_redis_is_gone_a_post_fails_and_the_connection_lives(fragile, room):
    service = Service(fragile.url)
    try:
        with service.room(room) as client:
            fragile.kill()
            say(client, author="ada", text="lost?", ref=1)
            error = hear(client)
            assert (error["type"], error["code"], error["ref"]) == ("error", "unavailable", 1)
            fragile.start()
            say(client, author="ada", text="found", ref=2)
            answers = [hear(client), hear(client)]
            assert {"type": "ack", "number": 1, "ref": 2} in answers
            assert {answer.get("text") for answer in answers} == {None, "found"}
    finally:
        assert service.stop() == 0


def test_who_comes_while_redis_is_gone_is_told_and_is_in_when_it_is_back(fragile, room):
    service = Service(fragile.url)
    fragile.kill()
    try:
        with service.connect(f"/ws/rooms/{room}?after=0&name=ada") as client, ThreadPoolExecutor(1) as pool:
            error = hear(client)
            assert (error["type"], error["code"]) == ("error", "unavailable")
            say(client, text="hello?", ref="r")
            assert (error := hear(client))["code"] == "unavailable"
            assert error["ref"] == "r"
            status, _, _ = service.get(f"/rooms/{room}/wait?after=0")
            assert status == 503
            pool.submit(fragile.start).result()
            assert hear(client)["type"] == "welcome"
            say(client, text="hello!")
            assert {hear(client)["type"], hear(client)["type"]} <= {"ack", "message", "joined"}
    finally:
        assert service.stop() == 0


def test_stopping_does_not_wait_for_redis(fragile, room):
    service = Service(fragile.url)
    with service.room(room, name="ada"):
        fragile.kill()
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 8
