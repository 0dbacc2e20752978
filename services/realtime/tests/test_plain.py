"""Requests that are too much or too slow, with no nginx in front: one answer, and nothing piles up."""

import contextlib
import re
import socket
import time

import pytest
from running import Service

LINES = b"Host: localhost\r\n"
POST = b"POST /echo HTTP/1.1\r\n" + LINES


@pytest.fixture(scope="module")
def service(redis):
    """One that waits a second for a head."""
    service = Service(redis.url, REALTIME_HEAD_SECONDS="1")
    yield service
    service.stop()
    assert "Traceback" not in service.log, service.log


def connected(service):
    return socket.create_connection(("127.0.0.1", service.port), 10)


def told(service, *pieces):
    """All that comes back until the service closes; some of what is sent may find it closed already."""
    said = b""
    with connected(service) as client:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                client.sendall(piece)
        with contextlib.suppress(ConnectionError):  # what came before it is kept
            while received := client.recv(65536):
                said += received
    return said


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"GET /" + b"x" * 9_000, b"414 ", id="target"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 110, b"431 ", id="fields"),
        pytest.param(b"GET / HTTP/1.1\r\nA: " + b"x" * 80_000, b"431 ", id="line"),
        pytest.param(POST + b"Content-Length: 70000\r\n\r\n" + b"x" * 70_000, b"413 ", id="content"),
        pytest.param(b"GET / HTTP/1.1\nHost localhost\r\n\r\n", b"400 ", id="syntax"),
        pytest.param(b"GET / HT", b"408 ", id="half a head"),
        pytest.param(b"", b"408 ", id="nothing"),
    ],
)
def test_too_much_or_too_slow(service, sent, status):
    said = told(service, sent)
    assert said.startswith(b"HTTP/1.1 " + status), said
    assert b"\r\nconnection: close\r\n" in said


def test_trailers_have_an_end(service):
    begin = POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    with connected(service) as client:
        client.sendall(begin)
        with pytest.raises(ConnectionError):
            client.sendall((b"X-Trailer: " + b"x" * 1_000 + b"\r\n") * 100_000)


def test_five_hundred_requests_at_once_are_answered_in_order(service):
    paths = ["/livez", "/nowhere"] * 250
    with connected(service) as client, client.makefile("rb") as file:
        last = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        client.sendall(
            b"".join(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for path in paths) + last
        )
        said = file.read()
    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", said)
    assert statuses == [b"200", b"404"] * 250 + [b"200"]


def test_content_of_many_portions_arrives_before_the_answer(service):
    head = b"Content-Length: 60000\r\nConnection: close\r\n\r\n"
    assert told(service, POST + head, b"x" * 60_000).startswith(b"HTTP/1.1 ")
    twice = (POST + b"Content-Length: 60000\r\n\r\n" + b"x" * 60_000) + POST + head + b"x" * 60_000
    assert told(service, twice).count(b"HTTP/1.1 ") == 2


def test_who_waits_for_an_answer_is_not_late(service, room):
    """A long poll takes longer than a head may; what follows it may be half there."""
    with connected(service) as client, client.makefile("rb") as file:
        poll = f"GET /rooms/{room}/wait?after=0&timeout=2 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.sendall(poll.encode() + b"GET /livez HTTP/1.1\r\nHo")
        assert file.readline().startswith(b"HTTP/1.1 200 ")
        client.sendall(b"st: localhost\r\nConnection: close\r\n\r\n")
        assert b"HTTP/1.1 200 " in file.read()


def test_a_head_has_its_time_from_when_it_can_be_read(service, room):
    """Not from when its first bytes came: until the poll is answered, what follows it waits with us."""
    with connected(service) as client, client.makefile("rb") as file:
        began = time.monotonic()
        client.sendall(
            f"GET /rooms/{room}/wait?after=0&timeout=1 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        )
        time.sleep(0.3)  # from here on its time would be over 0.3 s after the answer
        client.sendall(b"GET /livez HTTP/1.1\r\nHo")
        assert file.readline().startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1 408 " in file.read()
        assert time.monotonic() - began > 1.95  # a second for the poll, and a second for the head


def test_idle_connections_make_room_when_descriptors_are_scarce(redis):
    service = Service(redis.url, prefix=("prlimit", "--nofile=400:400"))
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connected(service)) for _ in range(500)]
        with service.connect("/ws/echo") as talking:
            assert service.get("/livez")[0] == 200
            more = [stack.enter_context(connected(service)) for _ in range(500)]
            assert service.get("/livez")[0] == 200
            talking.send("still here")  # who talks is not idle
            assert talking.recv(5) == "still here"
        assert idle[0].recv(1) == b""  # the one that had been idle for longest
        more[-1].sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert more[-1].recv(9) == b"HTTP/1.1 "
    assert service.stop() == 0
    assert "Traceback" not in service.log
