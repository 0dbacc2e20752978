"""What one address may have. Loopback has more of them than 127.0.0.1, which itself is not counted."""

import select
import socket
import sys
import threading
import time
from contextlib import ExitStack
from http.client import HTTPResponse

import pytest
from door.client import Answer
from door.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="loopback is one address here")

STRANGER, HERE = "127.0.0.2", "127.0.0.1"

STREAM = b"GET /httpd/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"

AT_ONCE, MORE = 256, 44


@pytest.fixture
def go_on(services):
    """Streams stay open until the test is over."""
    services["httpd"].go_on.clear()
    yield
    services["httpd"].go_on.set()


def connect(stack, port, source):
    """Come from an address of loopback's."""
    return stack.enter_context(
        socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))
    )


def answers(sock):
    response = HTTPResponse(sock)
    response.begin()
    return response


def statuses(stack, door, source):
    """As many streams as may be open at once, and some more; each is open until the upstream goes on."""
    socks = [connect(stack, door.port(), source) for _ in range(AT_ONCE + MORE)]
    for sock in socks:
        sock.sendall(STREAM)
    return [answers(sock) for sock in socks]


def test_requests_at_once(door, go_on):
    with ExitStack() as stack:
        responses = statuses(stack, door, STRANGER)
        refused = [response for response in responses if response.status == 429]
        assert len(refused) >= MORE
        assert {response.status for response in responses} == {200, 429}
        answer = Answer(refused[0], refused[0].read())
        assert answer.content.startswith(b"429 Too much comes from your address at once")
        assert answer.fields("Retry-After") == ["1"]
        assert answer.fields("Connection") == ["close"]
        assert answers(asking(stack, door, HERE)).status == 200


def test_the_machine_itself_is_not_counted(door, go_on):
    with ExitStack() as stack:
        assert {response.status for response in statuses(stack, door, HERE)} == {200}


def test_pages_at_once(door, services):
    """Ten of an address; the others are told at once, and nobody else waits."""
    web = services["web"]
    web.go_on.clear()
    try:
        with ExitStack() as stack:
            socks = [connect(stack, door.port(), "127.0.0.4") for _ in range(15)]
            for sock in socks:
                sock.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            statuses = [answers(sock).status for sock in socks]
            assert (statuses.count(200), statuses.count(429)) == (10, 5)
    finally:
        web.go_on.set()


def test_who_is_refused_is_shown_the_door(door):
    """What else such a connection has sent is not answered; a form is told the same as a page."""
    asked = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    with ExitStack() as stack:
        socks = [connect(stack, door.port(), "127.0.0.5") for _ in range(100)]
        for sock in socks:
            sock.sendall(asked * 2)
        first = [answers(sock) for sock in socks]
        refused = [(sock, answer) for sock, answer in zip(socks, first, strict=True) if answer.status == 429]
        assert len(refused) >= 20  # five go through, and sixty wait
        for sock, answer in refused:
            assert answer.getheader("Connection") == "close"
            answer.read()
            assert sock.recv(1) == b""
        assert {answer.status for answer in first} == {200, 429}


def asking(stack, door, source):
    sock = connect(stack, door.port(), source)
    sock.sendall(b"GET /httpd/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return sock


@pytest.mark.parametrize(
    ("path", "at_once", "a_second"), [("/httpd/", 50, 100), ("/", 5, 30), ("/ws/echo", 10, 30)]
)
def test_requests_one_after_the_other(door, path, at_once, a_second):
    """The first ones at once, then so many a second, and none is lost."""
    more = a_second // 2
    with ExitStack() as stack:
        sock, begin = connect(stack, door.port(), "127.0.0.3"), time.monotonic()
        for _ in range(at_once + more):
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            response = answers(sock)
            response.read()
            assert response.status == 200
    assert time.monotonic() - begin > 0.4


def test_tcp_connections_at_once(door):
    """All TCP ports together. The echo behind nginx waits for our end; only nginx closes before."""
    with ExitStack() as stack:
        port = door.port("TCP_ECHO_PORT")
        held = [connect(stack, port, STRANGER) for _ in range(AT_ONCE + MORE)]
        until(lambda: len(readable(held)) == MORE, "those past the limit are closed")
        here = connect(stack, port, HERE)
        here.sendall(b"hi")
        here.shutdown(socket.SHUT_WR)
        assert here.recv(10) == b"hi"
        assert len(readable(held)) == MORE


def test_what_one_tcp_connection_may_send(door):
    """64 KiB a second from elsewhere; at that pace what comes from here would take two minutes."""
    port, begin = door.port("TCP_ECHO_PORT"), time.monotonic()
    with ExitStack() as stack:
        assert echoed(connect(stack, port, STRANGER), 160 * 1024) == 160 * 1024
        assert time.monotonic() - begin > 1
        assert echoed(connect(stack, port, HERE), 8 << 20) == 8 << 20


def echoed(sock, size):
    """How much comes back of so much."""
    sender = threading.Thread(target=lambda: (sock.sendall(bytes(size)), sock.shutdown(socket.SHUT_WR)))
    sender.start()
    count = 0
    while data := sock.recv(1 << 16):
        count += len(data)
    sender.join()
    return count


def readable(socks):
    """Those of which there is something to read, if only an end."""
    poll = select.poll()
    for sock in socks:
        poll.register(sock, select.POLLIN)
    ready = {fd for fd, _ in poll.poll(0)}
    return [sock for sock in socks if sock.fileno() in ready]
