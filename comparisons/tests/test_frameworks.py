"""The table of frameworks, and those of its servers that can be started with what the tests have."""

import shlex
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from subprocess import DEVNULL, PIPE, Popen

import pytest

from bench.load import ROOT
from bench.suites import GREETING
from comparisons.frameworks import SUITE
from comparisons.place import listens
from loadtests.addresses import Address
from native.ports import free_ports

EVERY_OCTET = bytes(range(256))

#: The stack has these anyhow. The others are started when they are compared.
HERE = [each for each in SUITE.candidates if each.name in {"httpd", "django", "flask"}]


@contextmanager
def running(candidate, folder):
    """One that runs, with the Python of the tests."""
    (port,) = free_ports(1)
    values = {
        "python": sys.executable, "bin": "", "host": "127.0.0.1", "port": port, "tmp": folder, "root": ROOT,
    }  # fmt: skip
    words = [word.format_map(values) for word in shlex.split(candidate.command)]
    process = Popen(words, cwd=ROOT, stdin=DEVNULL, stderr=PIPE, text=True, start_new_session=True)
    address = Address("127.0.0.1", port)
    try:
        deadline = time.monotonic() + 40
        while not listens(address):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield address
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()


def ask(address, method, path, content=None):
    connection = HTTPConnection(*address, timeout=20)
    try:
        connection.request(method, path, content)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("candidate", HERE, ids=lambda each: each.name)
def test_hello_and_echo(candidate, tmp_path):
    with running(candidate, tmp_path) as address:
        assert ask(address, "GET", "/hello") == (200, "text/plain; charset=utf-8", GREETING.encode())
        assert ask(address, "POST", "/echo", EVERY_OCTET) == (200, "application/octet-stream", EVERY_OCTET)


def test_who_is_compared():
    assert {each.name for each in SUITE.candidates} == {
        "aiohttp", "django", "fastapi", "flask", "httpd", "sanic", "starlette", "tornado",
    }  # fmt: skip


@pytest.mark.parametrize("candidate", SUITE.candidates, ids=lambda each: each.name)
def test_each_is_one_file_that_says_the_same(candidate):
    file = ROOT / "comparisons" / "apps" / f"{candidate.name}_site.py"
    assert f'"{GREETING}"' in file.read_text(encoding="utf-8")
    assert f"comparisons.apps.{file.stem}" in candidate.command
    assert find_spec(f"comparisons.apps.{file.stem}") is not None
    assert len(file.read_text(encoding="utf-8").splitlines()) < 60
