"""SIGTERM, with guests in every state that a guest can be in."""

import http.client
import json
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from reliability.chaos.finding import Finding
from reliability.chaos.servers import PEERS, Server, server, wait_for

__all__ = ["hurried", "stopped"]

#: How many wait in the kernel's queue when the server is told to stop.
QUEUED = 16

#: Ours have 10 s for what is in flight, and a supervisor waits for 15.
GRACE = 12.0

HELLO = {"web": "/hello/", "realtime": "/livez", "httpd": "/hello", "httpd-wsgi": "/hello"}
UPLOADS = {"httpd", "httpd-wsgi", "web", *PEERS}


def get(name: str, *, last: bool = True) -> bytes:
    """A request, as bytes."""
    close = "Connection: close\r\n" if last else ""
    return f"GET {HELLO.get(name, '/')} HTTP/1.1\r\nHost: localhost\r\n{close}\r\n".encode()


def answers(sock: socket.socket, count: int = 1) -> int:
    """How many responses with 200 come, of so many."""
    served = 0
    with sock.makefile("rb") as file, suppress(OSError, http.client.HTTPException):
        while served < count:
            response = http.client.HTTPResponse(Once(file))  # type: ignore[arg-type]  # as much as it asks for
            response.begin()
            response.read()
            if response.status != http.client.OK:
                break
            served += 1
            if (
                response.will_close
            ):  # it was told that what follows will not be answered: RFC 9112, section 9.6
                return count
    return served


class Once:
    """What HTTPResponse takes for a socket, so that the next response can be read from the same file."""

    def __init__(self, file: object) -> None:
        self.file = file

    def makefile(self, _mode: str) -> "Once":
        return self

    def __getattr__(self, name: str) -> object:
        return (lambda: None) if name in ("close", "flush") else getattr(self.file, name)


def stopped(name: str, *options: str) -> Finding:
    """Half an upload, a queue, a pipeline, a question that waits and WebSockets, and then SIGTERM."""
    finding = Finding(f"SIGTERM, {name}{' ' if options else ''}{' '.join(options)}")
    with ExitStack() as stack, server(name, *options) as victim:
        asked, served = 0, 0
        upload = stack.enter_context(victim.connect()) if name in UPLOADS else None
        if upload:
            where = "/echo" if name in HELLO else "/"
            upload.sendall(
                f"POST {where} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nha".encode()
            )
            if name != "Gunicorn sync":  # which has no time for a second one
                with victim.connect() as sock:  # came later, so that the upload has been looked at
                    sock.sendall(get(name))
                    answers(sock)
        poll = stack.enter_context(victim.connect()) if name == "realtime" else None
        sockets: list[ClientConnection] = []
        if poll:
            poll.sendall(b"GET /rooms/r/wait?after=0&timeout=25 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            sockets = [
                stack.enter_context(connect(f"ws://127.0.0.1:{victim.port}{path}", ping_interval=None))
                for path in ("/ws/rooms/r", "/ws/echo")
            ]
            json.loads(sockets[0].recv(10))
        with victim.stopped():
            queue = [stack.enter_context(victim.connect()) for _ in range(QUEUED)]
            for sock in queue:
                sock.sendall(b"hello" if name == "tcp" else get(name))
            pipeline = stack.enter_context(victim.connect()) if name != "tcp" else None
            if pipeline:
                pipeline.sendall(get(name, last=False) * 2 + get(name))
            victim.signal(signal.SIGTERM)
            begun = time.monotonic()
        if upload:
            wait_for_refusal(victim, finding, begun)
            with suppress(OSError):
                upload.sendall(b"lf")
            asked, served = asked + 1, served + answers(upload)
        asked += QUEUED
        served += sum(echoed(sock) if name == "tcp" else answers(sock) for sock in queue)
        if pipeline:
            asked, served = asked + 3, served + answers(pipeline, 3)
        if poll:
            asked, served = asked + 1, served + answers(poll)
        for websocket in sockets:
            finding.expect(closed(websocket) == 1012, "a WebSocket was not told 1012")
        wait_for_end(victim, finding, begun)
        finding.expect("Traceback" not in victim.said(), "it logged a traceback")
    finding.requests, finding.failed = asked, asked - served
    finding.expect(not finding.failed, f"{finding.failed} of {asked} were dropped")
    return finding


def echoed(sock: socket.socket) -> int:
    """1 if what was said comes back."""
    with suppress(OSError):
        return int(sock.recv(5) == b"hello")
    return 0


def closed(websocket: ClientConnection) -> int:
    """The code that it is closed with."""
    try:
        while True:
            websocket.recv(GRACE)
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 1006
    except TimeoutError:
        return 0


def wait_for_refusal(victim: Server, finding: Finding, begun: float) -> None:
    """New connections are refused while one is still being answered."""

    def refused() -> bool:
        try:
            victim.connect(1).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
        return False

    try:
        wait_for(refused, 5)
        finding.note = f"refuses after {time.monotonic() - begun:.2f} s"
    except TimeoutError:
        finding.note = "goes on accepting"
        finding.expect(False, "new connections were not refused")


def wait_for_end(victim: Server, finding: Finding, begun: float) -> None:
    """It ends by itself, within its grace, with status 0."""
    with suppress(subprocess.TimeoutExpired):
        victim.process.wait(GRACE)
    finding.whole = time.monotonic() - begun
    status = victim.process.poll()
    finding.expect(status == 0, f"its exit status was {status}")


def hurried(name: str, *options: str) -> Finding:
    """SIGTERM twice, with a guest who never gets on."""
    finding = Finding(f"SIGTERM twice, {name}{' ' if options else ''}{' '.join(options)}")
    with ExitStack() as stack, server(name, *options) as victim:
        sock = stack.enter_context(victim.connect())
        if name == "realtime":
            sock.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nha")
        elif name == "tcp":
            sock.sendall(b"hello")
            echoed(sock)
        else:
            sock.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nha")
        with victim.connect() as other:
            other.sendall(b"hello" if name == "tcp" else get(name))
            _ = echoed(other) if name == "tcp" else answers(other)
        victim.signal(signal.SIGTERM)
        begun = time.monotonic()
        if name != "tcp":
            wait_for_refusal(victim, finding, begun)
        victim.signal(signal.SIGTERM)
        wait_for_end(victim, finding, begun)
    finding.expect(finding.whole is not None and finding.whole < 8, "it took its time all the same")
    return finding
