"""Answers that come a piece at a time, and WebSockets."""

import socket

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

STREAMS = {
    "/rooms/lobby/events": "realtime",
    "/httpd/stream": "httpd",
    "/httpd-wsgi/stream": "httpd-wsgi",
}


@pytest.mark.parametrize(("path", "service"), STREAMS.items())
def test_a_piece_goes_out_before_the_next_is_made(door, services, path, service):
    upstream = services[service]
    upstream.go_on.clear()
    with socket.create_connection(("127.0.0.1", door.port()), timeout=5) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while b"first" not in received:  # the time-out above, if it is held back
            received += sock.recv(65536)
        assert b"second" not in received
        upstream.go_on.set()
        rest = b"".join(iter(lambda: sock.recv(65536), b""))
    assert b"second" in rest


@pytest.mark.parametrize("path", ["/ws/echo", "/ws/rooms/lobby?after=1", "/echo", "/echo_once"])
def test_a_websocket_both_ways(door, path):
    with connect(f"ws://127.0.0.1:{door.port()}{path}", open_timeout=5, close_timeout=5) as websocket:
        for message in ["one", "zwei", "三" * 1000]:
            websocket.send(message)
            assert websocket.recv(timeout=5) == message
    assert websocket.protocol.close_code == 1000


def test_a_handshake_of_a_foreign_name_is_refused(door):
    """A page that has its name resolve to our address sends its own name as Host."""
    with pytest.raises(InvalidStatus, match="400"), socket.create_connection(("127.0.0.1", door.port())) as s:
        connect("ws://evil.example/ws/echo", sock=s, open_timeout=5)


def test_who_may_be_silent_for_an_hour(door):
    """Nobody wants to wait that long here, so this reads the files: these locations say so, and no other."""
    conf = door.configuration.parent
    blocks = [
        block.split("}")[0] for block in (conf / "conf.d/30-site.http.conf").read_text().split("location ")
    ]
    assert {block.split(" {")[0] for block in blocks if "streaming.conf" in block} == {
        "/ws/",
        "~ ^/rooms/[^/]+/(wait|events)$",
        "= /echo",
        "= /echo_once",
        "= /httpd/stream",
        "= /httpd-wsgi/stream",
    }
    rules = (conf / "snippets/streaming.conf").read_text().splitlines()
    assert {"proxy_read_timeout 1h;", "proxy_buffering off;", "proxy_ignore_client_abort off;"} <= set(rules)
