"""The table of servers, and the site on those of them that the stack has anyhow."""

import os
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from websockets.sync.client import connect

from bench.load import ROOT
from bench.suites import GREETING
from comparisons.place import listens
from comparisons.servers import ASGI, SUITE, WSGI
from loadtests.addresses import Address
from native.ports import free_ports

EVERY_OCTET = bytes(range(256))

#: What is ours of it: a small file, or a worker.
OURS = [each for each in SUITE.candidates if each.name in {"wsgiref", "werkzeug", "gunicorn-httpd"}]


@contextmanager
def running(candidate, folder):
    """One that runs, with the Python of the tests."""
    (port,) = free_ports(1)
    values = {
        "python": sys.executable, "bin": "", "host": "127.0.0.1", "port": port, "tmp": folder, "root": ROOT,
    }  # fmt: skip
    environment = {name: value.format_map(values) for name, value in candidate.environment.items()}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [word.format_map(values) for word in shlex.split(candidate.command)],
            cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    address = Address("127.0.0.1", port)
    try:
        deadline = time.monotonic() + 60
        while not listens(address):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("candidate", OURS, ids=lambda each: each.name)
def test_the_site_says_hello_and_echoes_without_a_line_a_request(candidate, tmp_path):
    with running(candidate, tmp_path) as address:
        for method, path, content in (("GET", "/hello/", GREETING.encode()), ("POST", "/echo", EVERY_OCTET)):
            connection = HTTPConnection(*address, timeout=30)
            connection.request(method, path, content if method == "POST" else None)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, content)
            connection.close()
    assert "/hello/" not in (tmp_path / "log").read_text()
    assert list(tmp_path.glob("secret_key*")), "the key is kept where a container may write"


def test_the_other_site_echoes_on_a_server_that_it_was_not_written_for(tmp_path):
    [uvicorn] = [each for each in ASGI if each.name == "uvicorn"]
    with (
        running(uvicorn, tmp_path) as address,
        connect(f"ws://{address}/ws/echo", compression=None, open_timeout=30) as socket,
    ):
        socket.send(EVERY_OCTET)
        assert socket.recv(30) == EVERY_OCTET


def test_who_is_compared():
    assert [each.name for each in WSGI] == [
        "wsgiref", "werkzeug", "waitress", "httpd", "gunicorn-sync", "gunicorn-gthread", "gunicorn-gevent",
        "gunicorn-httpd", "uwsgi-socket", "uwsgi-router", "granian",
    ]  # fmt: skip
    assert [each.name for each in ASGI] == [
        "realtime", "uvicorn", "daphne", "hypercorn", "granian-asgi", "gunicorn-asgi",
    ]  # fmt: skip


@pytest.mark.parametrize("candidate", SUITE.candidates, ids=lambda each: each.name)
def test_each_serves_the_unchanged_site_with_one_process(candidate):
    site = "web" if candidate in WSGI else "realtime"
    assert site in candidate.uses
    for word in ("--workers", "--processes"):
        assert word not in candidate.command or f"{word} 1 " in candidate.command
    for word in ("--threads", "--blocking-threads"):
        assert f"{word} " not in candidate.command or f"{word} 4 " in f"{candidate.command} "
    assert candidate.reason.endswith(".")
    assert candidate.settings.startswith("1 process")
