"""The four servers: started for one request, asked, stopped, and nothing of them is left."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from web.lab.problem import Unreachable
from web.lab.server import SERVERS, call, running

REQUEST = b"GET /caf%C3%A9?a=b HTTP/1.1\r\nHost: lab\r\nX-Note: 1\r\nConnection: close\r\n\r\n"


def ask(name, request=REQUEST):
    return call(SERVERS[name], [request], pause=0, finished=lambda received: received.endswith(b"bytes.\n"))


@pytest.mark.parametrize("name", SERVERS)
def test_one_request(name):
    talk, note = ask(name)
    assert talk.received.startswith((b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n"))
    assert note.environ["REQUEST_METHOD"] == "'GET'"
    assert note.environ["PATH_INFO"] == repr("/caf\u00c3\u00a9")
    assert note.environ["QUERY_STRING"] == "'a=b'"
    assert note.environ["HTTP_X_NOTE"] == "'1'"
    assert note.environ["wsgi.version"] == "(1, 0)"
    assert note.content == b""


@pytest.mark.parametrize("name", ["werkzeug", "httpd", "gunicorn"])
def test_content_in_chunks(name):
    head = b"POST / HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert ask(name, head + b"5\r\nHello\r\n0\r\n\r\n")[1].content == b"Hello"


def test_no_chunks_in_wsgiref_and_nobody_waits_for_them():
    head = b"POST / HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert ask("wsgiref", head + b"5\r\nHello\r\n0\r\n\r\n")[1].content == b""


def test_only_wsgiref_tells_of_its_process():
    assert "OF_THE_PROCESS" in ask("wsgiref")[1].process
    assert "OF_THE_PROCESS" not in ask("gunicorn")[1].environ


def test_a_request_that_is_refused_has_no_note():
    talk, note = ask("httpd", b"GET / HTTP/1.1\r\nno colon\r\n\r\n")
    assert (talk.received[:12], note) == (b"HTTP/1.1 400", None)


def group_of(process):
    """Whoever is in a process' group."""
    return [
        pid
        for pid in Path("/proc").glob("[0-9]*")
        if (fields := stat(pid)) and fields[2] == str(process) and fields[0] != "Z"
    ]


def stat(pid):
    try:
        return (pid / "stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("name", SERVERS)
def test_nothing_of_it_is_left(name, monkeypatch, tmp_path):
    started = []
    popen = subprocess.Popen

    def remember(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr("web.lab.server.subprocess.Popen", remember)
    with (tmp_path / "notes").open("wb") as notes:
        with running(SERVERS[name], notes):
            assert group_of(started[0].pid)
        if name == "wsgiref":
            with pytest.raises(KeyError), running(SERVERS[name], notes):
                raise KeyError
    deadline = time.monotonic() + 10
    while any(group_of(process.pid) for process in started):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_server_that_does_not_start_says_why():
    broken = {**settings.LAB_SERVERS_ENVIRONMENT, "PYTHONPATH": "", "PYTHONHOME": "/nowhere"}
    with (
        override_settings(LAB_SERVERS_ENVIRONMENT=broken),
        pytest.raises(Unreachable, match="has not started"),
    ):
        ask("wsgiref")


def test_the_environment_is_all_but_empty():
    assert set(settings.LAB_SERVERS_ENVIRONMENT) <= {
        "PATH",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "OF_THE_PROCESS",
    }


@pytest.mark.parametrize("name", SERVERS)
def test_versions(name):
    assert SERVERS[name].version
