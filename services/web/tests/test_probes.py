"""Each probe against a real peer that is well, unwell, wrong, or not there."""

import json
import socket

import pytest
import redis
from django.conf import settings
from django.test import override_settings
from web import probes, store
from web.environment import Address
from web.probes import DOWN, FAILING, UP


def ask_echo(address):
    return probes.ask_tcp(address, address)  # an echo says COUNTS, and so counts nothing


def test_health_with_counts(http_service):
    content = json.dumps({"status": "ok", "connections": 3, "requests": 12, "more": [1]}).encode()
    with http_service({"/healthz": (200, content)}) as address:
        answer = probes.ask_health(address)
    assert (answer.state, answer.connections, answer.requests) == (UP, 3, 12)
    assert 0 < answer.milliseconds < 1000


def test_health_with_connections_under_their_other_name(http_service):
    with http_service({"/healthz": (200, b'{"open": 2}')}) as address:
        assert probes.ask_health(address).connections == 2


@pytest.mark.parametrize("content", [b"ok\n", b"[1]", b'{"connections": "3", "requests": true}', b"\xff"])
def test_health_without_counts(http_service, content):
    with http_service({"/healthz": (200, content)}) as address:
        answer = probes.ask_health(address)
    assert (answer.state, answer.connections, answer.requests) == (UP, None, None)


@pytest.mark.parametrize("content", [b'{"reason": "no Redis"}', b"no Redis\n"])
def test_health_that_fails_gives_its_reason(http_service, content):
    with http_service({"/healthz": (503, content)}) as address:
        answer = probes.ask_health(address)
    assert (answer.state, answer.reason) == (FAILING, "503: no Redis")


def test_nobody_there(nobody):
    for ask in (probes.ask_health, ask_echo, probes.ask_nginx, probes.ask_locust):
        answer = ask(nobody)
        assert (answer.state, answer.reason, answer.milliseconds) == (DOWN, "Connection refused.", None)


def test_no_answer_in_time(monkeypatch):
    monkeypatch.setattr(probes, "STEP_TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = Address(*silent.getsockname())
        for ask in (probes.ask_health, ask_echo):
            answer = ask(address)
            assert (answer.state, "does not answer in time" in answer.reason) == (DOWN, True)


def test_an_answer_that_is_no_http(bytes_service):
    with bytes_service(lambda _: b"220 mail.example\r\n") as address:
        answer = probes.ask_health(address)
    assert answer.state == DOWN
    assert "220 mail.example" in answer.reason


def test_echo(bytes_service):
    with bytes_service(lambda received: received) as address:
        assert ask_echo(address).state == UP


@pytest.mark.parametrize(
    "reply", [lambda received: received[:-1], lambda received: received * 2, lambda _: b"x" * 8]
)
def test_an_echo_that_is_not_what_went(bytes_service, reply):
    with bytes_service(reply) as address:
        answer = ask_echo(address)
    assert answer.state == FAILING
    assert "8 bytes went" in answer.reason


def test_what_the_room_counts_for_the_service(bytes_service):
    counts = b"* This is a room.\n* open=3 accepted=12 refused=0 pieces=40 requests=0 received=99\n"
    with bytes_service(lambda got: counts if got == b"COUNTS\n" else got) as address:
        answer = probes.ask_tcp(address, address)
    assert (answer.state, answer.connections, answer.requests) == (UP, 3, 40)


def test_a_room_without_an_ear_takes_nothing_from_the_echo(bytes_service, nobody, monkeypatch):
    monkeypatch.setattr(probes, "STEP_TIMEOUT", 0.5)
    with bytes_service(lambda got: got) as echo, socket.create_server(("127.0.0.1", 0)) as silent:
        for room in (nobody, Address(*silent.getsockname())):
            answer = probes.ask_tcp(echo, room)
            assert (answer.state, answer.connections, answer.requests) == (UP, None, None)


def test_nginx(http_service):
    page = (
        b"Active connections: 291 \nserver accepts handled requests\n 16630948 16630948 31070465 \n"
        b"Reading: 6 Writing: 179 Waiting: 106 \n"
    )
    with http_service({"/nginx_status": (200, page)}) as address:
        answer = probes.ask_nginx(address)
    assert (answer.state, answer.connections, answer.requests) == (UP, 291, 31070465)


def test_something_else_where_nginx_should_be(http_service):
    with http_service({"/nginx_status": (404, b"")}) as address:
        assert probes.ask_nginx(address).state == FAILING


@pytest.mark.parametrize(("users", "note"), [(0, "ready"), (1200, "1,200 users, ready")])
def test_locust(http_service, users, note):
    content = json.dumps({"state": "ready", "user_count": users}).encode()
    with http_service({"/locust/stats/requests": (200, content)}) as address:
        answer = probes.ask_locust(address)
    assert (answer.state, answer.note) == (UP, note)


def test_something_else_where_locust_should_be(http_service):
    with http_service({"/locust/stats/requests": (200, b"<html>")}) as address:
        assert probes.ask_locust(address).state == FAILING


def test_redis():
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        answer = probes.ask_redis(client)
    assert answer.state == UP
    assert answer.connections >= 1
    assert answer.requests >= 1


def test_no_redis(nobody):
    store.client.cache_clear()
    with override_settings(REDIS_URL=f"redis://{nobody}/0"), store.client() as client:
        answer = probes.ask_redis(client)
    store.client.cache_clear()
    assert answer.state == DOWN
    assert "Connection refused" in answer.reason
