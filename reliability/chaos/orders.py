"""An order to stop, by whoever supervises a whole stack's service, with guests in the midst of a request."""

import http.client
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from wire.http import fetch
from wire.processes import Processes
from wire.stack import Stack
from wire.tcp import connected, receive_exactly

from reliability.chaos.finding import Finding
from reliability.chaos.servers import wait_for

__all__ = ["GUESTS", "told"]

#: Seconds that a service has to stop in before it is killed.
GRACE = 15.0

#: Those who are in the midst of something; called when the order is given, it gives for each whether it was
#: answered as it should be.
Guests = Callable[[], list[bool]]


@contextmanager
def upload(service: str, way: str, stack: Stack) -> Iterator[Guests]:
    """Half of what it has announced is sent, and the rest once nobody else is let in."""
    base = stack.http(service, way)
    with closing(http.client.HTTPConnection(base.host, base.port, timeout=30)) as connection:
        connection.putrequest("POST", f"{base.prefix}/echo")
        connection.putheader("Content-Length", "8")
        connection.endheaders(b"abcd")
        fetch(base, "/livez")  # asked later, so that the upload has been looked at

        def finish() -> list[bool]:
            with suppress(OSError, http.client.HTTPException):
                connection.send(b"efgh")
                with connection.getresponse() as answer:
                    return [(answer.status, answer.read()) == (200, b"abcdefgh")]
            return [False]

        yield finish


@contextmanager
def conversation(stack: Stack) -> Iterator[Guests]:
    """One who has said something, and says something more just then."""
    with connected(stack.tcp("echo", "direct")) as sock:
        sock.sendall(b"hello")
        receive_exactly(sock, 5)

        def finish() -> list[bool]:
            with suppress(OSError, AssertionError):
                sock.sendall(b"again")
                return [receive_exactly(sock, 5) == b"again"]
            return [False]

        yield finish


@contextmanager
def listeners(stack: Stack) -> Iterator[Guests]:
    """A question that waits, and a WebSocket."""
    base = stack.http("realtime", "direct")
    with (
        closing(http.client.HTTPConnection(base.host, base.port, timeout=30)) as poll,
        connect(base.websocket("/ws/echo"), ping_interval=None) as websocket,
    ):
        poll.request("GET", f"/rooms/test-{secrets.token_hex(4)}/wait?after=0&timeout=25")
        fetch(base, "/livez")  # asked later, as above

        def finish() -> list[bool]:
            code, status = 0, 0
            with suppress(TimeoutError):
                try:
                    websocket.recv(GRACE)
                except ConnectionClosed as end:
                    code = end.rcvd.code if end.rcvd else 1006
            with suppress(OSError, http.client.HTTPException), poll.getresponse() as answer:
                answer.read()
                status = answer.status
            return [code == 1012, status == http.client.OK]

        yield finish


@contextmanager
def nobody(_stack: Stack) -> Iterator[Guests]:
    """What is asked there is asked by the others, who ask again."""
    yield list


def uploading(service: str, way: str) -> Callable[[Stack], AbstractContextManager[Guests]]:
    """An upload to that service."""
    return lambda stack: upload(service, way, stack)


#: Who is in the midst of what, at which service.
GUESTS: Mapping[str, Callable[[Stack], AbstractContextManager[Guests]]] = {
    "tcp": conversation,
    "httpd": uploading("httpd", "direct"),
    "httpd-wsgi": uploading("httpd-wsgi", "direct"),
    "web": uploading("web", "direct"),
    "realtime": listeners,
    "nginx": uploading("httpd", "nginx"),
    "redis": nobody,
    "locust": nobody,
}


def told(stack: Stack, processes: Processes, is_up: Callable[[str], bool], service: str) -> Finding:
    """Who is in the midst of something is answered; it ends with 0, in time, and serves when started."""
    by = "docker stop" if stack.mode == "docker" else "the supervisor"
    finding = Finding(f"{'SIGQUIT' if service == 'nginx' else 'SIGTERM'} by {by}, {service}")
    with GUESTS[service](stack) as guests, ThreadPoolExecutor(1) as pool:
        begun = time.monotonic()
        stopping = pool.submit(processes.stop, service)
        try:
            if service in ("httpd", "httpd-wsgi", "web", "nginx"):
                wait_for(lambda: not is_up(service), GRACE)
            answered = guests()
            stopping.result(60)
            took = time.monotonic() - begun
            status = processes.ended(service)
        finally:
            stopping.exception(60)
            processes.start(service)
    back = time.monotonic()
    if service != "locust":
        wait_for(lambda: is_up(service), 60)
        finding.whole = time.monotonic() - back
    finding.requests, finding.failed = len(answered), answered.count(False)
    finding.note = f"exit status {status} after {took:.1f} s"
    finding.expect(not finding.failed, f"{finding.failed} of {finding.requests} were not answered")
    finding.expect(status == 0, f"its exit status was {status}")
    finding.expect(took < GRACE, "it took all the time that it had")
    return finding
