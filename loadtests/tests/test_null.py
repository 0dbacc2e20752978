"""The null servers, asked by clients that are not ours."""

import http.client
import os
import socket
import subprocess
import sys

import pytest
from planted import ROOT, run
from websockets.sync.client import connect


@pytest.fixture
def null():
    """Start a null server and give its address."""
    started = []

    def start(protocol):
        command = [sys.executable, "-m", "loadtests.null", protocol]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True))
        host, port = started[-1].stderr.readline().removeprefix("listening on ").strip().split(":")
        return host, int(port)

    yield start
    for process in started:
        process.terminate()
        _, rest = process.communicate(timeout=10)
        assert process.returncode == 0
        assert rest == ""


def test_tcp(null):
    address = null("tcp")
    for _ in range(2):
        with socket.create_connection(address, timeout=5) as peer:
            for message in (b"hello", b"x" * 1000):
                peer.sendall(message)
                assert peer.recv(len(message), socket.MSG_WAITALL) == message


def test_http(null):
    connection = http.client.HTTPConnection(*null("http"), timeout=5)
    for _ in range(2):
        connection.request("GET", "/hello")
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"Hello, World! This is an HTTP response.")
        for content in (b"hello", os.urandom(100_000)):
            connection.request("POST", "/echo", content)
            assert connection.getresponse().read() == content
    connection.close()


def test_http_in_pieces(null):
    with socket.create_connection(null("http"), timeout=5) as peer:
        for piece in (b"POST /echo HTTP/1.1\r\nContent-", b"Length: 5\r\n\r\nhe", b"llo"):
            peer.sendall(piece)
        assert peer.recv(1000).endswith(b"\r\n\r\nhello")


def test_websocket(null):
    host, port = null("ws")
    with connect(f"ws://{host}:{port}/ws/echo", compression=None, open_timeout=5) as peer:
        for size in (0, 1, 125, 126, 65535, 65536, 300_000):
            message = os.urandom(size)
            peer.send(message)
            assert peer.recv(timeout=5) == message


def test_an_address_that_cannot_be_had():
    done = run("loadtests.null", "tcp", "--listen", "nowhere")
    assert done.returncode == 1
    assert "can't listen on nowhere" in done.stderr
