"""The table of models, and its servers under every one of them."""

import re
import socket
import urllib.request
from contextlib import contextmanager

import pytest
from serving.protocol import Peer, Waiting

from bench.started import start
from bench.suites import GREETING
from comparisons.apps.models_tcp import CLOCK, Computes, Waits
from comparisons.models import MODELS, SUITE

EACH = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


@contextmanager
def running(*words):
    """A server, which is asked to end: under `prefork` it has children."""
    with start(*words, "--listen", "127.0.0.1:0") as server:
        yield server.address
        server.process.terminate()
        assert server.process.wait(30) == 0


def exchange(address, data):
    with socket.create_connection(address, 20) as connection:
        connection.sendall(data)
        return connection.recv(4096)


@EACH
@pytest.mark.parametrize("job", ["wait", "compute"])
def test_a_slow_echo_under_every_model(model, job):
    with running("comparisons.apps.models_tcp", "--job", job, *model.option.split()) as address:
        assert exchange(address, b"once") == b"once"
        assert exchange(address, b"twice") == b"twice"


@EACH
def test_hello_wait_and_compute_under_every_model(model):
    with running("comparisons.apps.models_httpd", *model.option.split()) as (host, port):
        for path in ("/hello", "/wait", "/compute"):
            with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=20) as answer:
                assert answer.read() == GREETING.encode()


def test_who_waits_asks_to_be_woken_and_then_answers(monkeypatch):
    asked = []
    monkeypatch.setattr(CLOCK, "wake_later", asked.append)
    peer = Peer(("127.0.0.1", 1), ("127.0.0.1", 2))
    protocol = Waits(peer)
    assert protocol.received(b"x") == b""
    assert (protocol.waiting, asked) == (Waiting.WAKE, [peer])
    assert protocol.resumed() == b"x"
    assert protocol.waiting is Waiting.IDLE


def test_who_computes_answers_at_once():
    protocol = Computes(Peer(("127.0.0.1", 1), ("127.0.0.1", 2)))
    assert protocol.received(b"x") == b"x"
    assert protocol.waiting is Waiting.IDLE


def test_every_model_does_every_job():
    jobs = {}
    for candidate in SUITE.candidates:
        for each in candidate.exchanges:
            jobs.setdefault(each.title, set()).add(candidate.title)
    names = {model.name for model in MODELS}
    assert len(names) == 6
    assert set(jobs) == {"echo", "echo-wait", "echo-compute", "hello", "hello-wait", "hello-compute"}
    assert all(titles >= names for titles in jobs.values())


def test_one_to_two_thousand_connections():
    for candidate in SUITE.candidates:
        for each in candidate.exchanges:
            if each.title in {"echo", "hello"}:
                assert each.connections == (1, 16, 256, 2000)


def test_names_are_unique():
    names = [candidate.name for candidate in SUITE.candidates]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in names)
