"""The check itself: those who keep to the rules pass, and those who don't are found out, case by case."""

import re
import socket
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from websockets.sync.server import serve as serve_websockets

from bench.started import start
from comparisons.conformance import check_http, check_ws
from comparisons.conformance.http_cases import CASES, HTTP_CASES
from comparisons.conformance.replies import read
from comparisons.conformance.verdict import Wrong
from comparisons.conformance.ws_cases import WS_CASES

#: What a case may take on a machine that has other things to do. Who passes needs a few milliseconds.
PATIENCE = 10.0


@contextmanager
def started(*words):
    """A server of ours."""
    with start(*words, "--listen", "127.0.0.1:0") as server:
        yield server.address


@contextmanager
def serving(server):
    """One of the standard library's, in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_httpd_passes_every_case():
    with started("httpd") as address:
        assert check_http(address, path="/hello", seconds=PATIENCE) == (len(HTTP_CASES), len(HTTP_CASES), ())


def test_httpd_passes_every_case_as_a_wsgi_server():
    with started("httpd", "--app", "httpd.demo:application", "--threads", "2") as address:
        verdict = check_http(address, path="/hello", seconds=PATIENCE)
    assert verdict == (len(HTTP_CASES), len(HTTP_CASES), ())


def test_realtime_passes_every_case():
    with started("realtime") as address:
        assert check_ws(address, "/ws/echo", seconds=PATIENCE) == (len(WS_CASES), len(WS_CASES), ())


class Naive(BaseHTTPRequestHandler):
    """As a tutorial would have it: lengths are believed, chunks unknown, and nobody looks at Host."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(b"hello")

    def do_HEAD(self):
        self.answer(b"hello")  # with the content, which is wrong

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def answer(self, content):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    """It says nothing of clients that are gone."""

    def handle_error(self, request, client_address):
        pass


def test_a_naive_server_is_found_out():
    with serving(Server(("127.0.0.1", 0), Naive)) as address:
        verdict = check_http(address, seconds=1.5)
    found = {name.partition(" (")[0] for name, _ in verdict.failures}
    assert found >= {
        "content in chunks",
        "HEAD without content",
        "no Host",
        "two Hosts",
        "NUL in Host",
        "unequal lengths",
        "length that is no number",
        "length and chunks",
        "what is no chunk",
    }
    assert verdict.passed == verdict.total - len(verdict.failures)
    assert dict(verdict.failures)["no Host (9112, 3.2)"] == "200, closed"


class Repeating(socketserver.StreamRequestHandler):
    """Says the same whatever it is asked, once for every connection."""

    says = b""

    def handle(self):
        self.request.settimeout(PATIENCE)
        self.request.recv(65536)
        self.wfile.write(self.says)


@contextmanager
def saying(says):
    handler = type("Saying", (Repeating,), {"says": says})
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as address:
        yield address


@pytest.mark.parametrize(
    ("says", "happened"),
    [
        (b"", "no answer, closed"),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", "500, closed"),
        (b"220 mail.example ESMTP ready\r\n", "answered with what is no HTTP"),
    ],
)
def test_who_does_not_answer_a_plain_request_is_not_asked_the_rest(says, happened):
    with saying(says) as address:
        verdict = check_http(address, seconds=PATIENCE)
    assert verdict.passed == 0
    assert [name for name, _ in verdict.failures] == ["a plain request"]
    assert verdict.failures[0][1].startswith(happened)


def test_who_says_yes_to_everything_is_not_taken_at_its_word():
    with saying(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi") as address:
        found = {name.partition(" (")[0] for name, _ in check_http(address, seconds=PATIENCE).failures}
    assert found >= {"no Host", "HTTP/2.0 in text", "method that is no token", "space before a colon"}
    assert found >= {"content in chunks", "what is no chunk", "chunked not last"}


def test_a_server_that_has_no_echo_is_not_asked_about_content():
    with started("httpd") as address:
        verdict = check_http(address, path="/hello", echo="/no-echo", seconds=PATIENCE)
    assert verdict == (len(CASES), len(CASES), ())


def test_nobody_there_is_said():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    for verdict in (check_http(address), check_ws(address)):
        assert verdict.passed == 0
        assert "no connection: Connection refused" in verdict.failures[0][1]


def test_who_never_answers_is_not_asked_the_rest():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        verdict = check_http(silent.getsockname(), seconds=0.1, patience=0.2)
    assert verdict.failures == (("a plain request", "no answer, still open"),)


# --- WebSocket --------------------------------------------------------------------------------------------


def test_a_library_that_is_known_for_it_passes_but_for_what_it_says_of_versions():
    def echo(connection):
        for message in connection:
            connection.send(message)

    with serve_websockets(echo, "127.0.0.1", 0, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        verdict = check_ws(server.socket.getsockname(), seconds=PATIENCE)
        server.shutdown()
        thread.join()
    assert [name for name, _ in verdict.failures] in ([], ["version 12 (4.4)"])


class Mirror(socketserver.BaseRequestHandler):
    """Shakes hands with everybody, and sends each frame back unread, but for its mask."""

    def handle(self):
        self.request.settimeout(PATIENCE)
        head = self.request.recv(65536)
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)
        self.request.sendall(
            b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            + (b"MJfgX4Y+PXWfObJLJSEiwOrUQYs=" if key else b"")
            + b"\r\n\r\n"
        )
        while piece := self.request.recv(65536):
            frames = re.sub(rb"(?s)^(.)(.)\0\0\0\0", lambda it: it[1] + bytes([it[2][0] & 127]), piece)
            self.request.sendall(frames)


def test_a_mirror_is_found_out(monkeypatch):
    monkeypatch.setattr("comparisons.conformance.ws_cases.ACCEPT", "MJfgX4Y+PXWfObJLJSEiwOrUQYs=")
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mirror)
    server.daemon_threads = True
    with serving(server) as address:
        found = {name.partition(" (")[0] for name, _ in check_ws(address, seconds=1.0).failures}
    assert found >= {
        "no Sec-WebSocket-Key",
        "key of another size",
        "version 12",
        "reserved bit",
        "reserved opcode",
        "ping in fragments",
        "frame without a mask",
        "continuation of nothing",
        "message within a message",
        "text that is no UTF-8",
        "close with 1005",
    }


def test_an_accept_that_is_not_the_right_one_ends_the_check():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mirror)
    server.daemon_threads = True
    with serving(server) as address:
        verdict = check_ws(address, seconds=PATIENCE)
    assert verdict.passed == 0
    assert "Sec-WebSocket-Accept is 'MJfg" in dict(verdict.failures)["a good handshake"]


# --- replies ----------------------------------------------------------------------------------------------


def test_replies_are_told_apart():
    octets = (
        b"HTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        b"HTTP/1.0 200 OK\r\n\r\nto the end"
    )
    contents = [reply.content for reply in read(octets, ["HEAD"], ended=True)]
    assert contents == [b"", b"", b"abc", b"to the end"]


def test_content_that_is_not_all_there_is_none():
    for octets in (
        b"Content-Length: 9\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"\r\nabc",
    ):
        [reply] = read(b"HTTP/1.1 200 OK\r\n" + octets)
        assert reply.content is None


def test_content_after_head_is_seen():
    with pytest.raises(Wrong, match="no HTTP: b'hello"):
        read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n", ["HEAD"])


def test_a_head_that_ends_with_a_bare_line_feed_is_read():
    [reply] = read(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 2\r\n\nno")
    assert (reply.status, reply.content, reply.has("connection", "close")) == (400, b"no", True)
