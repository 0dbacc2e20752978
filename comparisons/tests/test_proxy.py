"""The suite's nginx, before a real server."""

import json
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from bench.started import start
from comparisons.processes import Processes
from comparisons.proxy import SUITE
from comparisons.table import Behind
from native.ports import free_ports

KEPT, AFRESH, STREAM = SUITE.ways


@contextmanager
def behind_nginx(way, server, protocol, folder):
    """A way to it: where nginx listens for it."""
    place = Processes(folder, {}, {})
    try:
        (port,) = free_ports(1)
        front = place.front(
            way, [Behind("httpd", protocol, str(server.address), "127.0.0.1", port, str(folder))]
        )
        yield front.ports["httpd"]
    finally:
        place.down()


@pytest.fixture
def httpd():
    with start("httpd", "--listen", "127.0.0.1:0") as server:
        yield server


def counts(connection):
    """What the server has accepted by now, asked the same way."""
    connection.request("GET", "/healthz")
    return json.loads(connection.getresponse().read())["accepted"]


@pytest.mark.parametrize(
    ("way", "more"), [(KEPT, 0), (AFRESH, 9), (STREAM, 0)], ids=["kept", "afresh", "stream"]
)
def test_connections_behind_the_proxy(httpd, way, more, tmp_path):
    """Ten requests over one connection to nginx: how many connections has the server seen?"""
    (tmp_path / "tmp").mkdir()
    with behind_nginx(way, httpd, "http", tmp_path) as address:
        connection = HTTPConnection(*address, timeout=20)
        first = counts(connection)
        for number in range(8):
            connection.request("POST", "/echo", f"number {number}")
            assert connection.getresponse().read() == f"number {number}".encode()
        assert counts(connection) - first == more
        connection.close()


@pytest.mark.parametrize(("protocol", "told"), [("ws", "websocket"), ("http", "")])
def test_a_handshake_is_passed_on_to_who_speaks_websocket(protocol, told, tmp_path):
    (tmp_path / "tmp").mkdir()
    application = ("--app", "httpd.demo:application", "--listen", "127.0.0.1:0")
    with start("httpd", *application) as server, behind_nginx(KEPT, server, protocol, tmp_path) as address:
        connection = HTTPConnection(*address, timeout=20)
        connection.request("GET", "/environ", headers={"Connection": "Upgrade", "Upgrade": "websocket"})
        environ = connection.getresponse().read().decode()
        connection.close()
    assert (f"HTTP_UPGRADE: '{told}'" in environ) == bool(told)
    assert ("HTTP_CONNECTION: 'upgrade'" in environ) == bool(told)


@pytest.mark.parametrize("way", SUITE.ways, ids=["kept", "afresh", "stream"])
def test_a_candidate_hears_the_host_that_was_asked_for(way, tmp_path):
    (tmp_path / "tmp").mkdir()
    application = ("--app", "httpd.demo:application", "--listen", "127.0.0.1:0")
    with start("httpd", *application) as server, behind_nginx(way, server, "http", tmp_path) as address:
        connection = HTTPConnection(*address, timeout=20)
        connection.request("GET", "/environ", headers={"Host": "layercake.test"})
        environ = connection.getresponse().read().decode()
        connection.close()
    assert "HTTP_HOST: 'layercake.test'" in environ


def test_each_way_has_those_whom_it_is_for():
    assert "http" in KEPT.protocols
    assert "ws" in KEPT.protocols
    assert AFRESH.protocols == ("http",)
    assert set(STREAM.protocols) == {"tcp", "http", "ws"}
