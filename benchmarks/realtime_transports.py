"""What each way to listen to a room costs, per message delivered: requests, bytes on the wire, delay,
processor time.

Twenty listeners, each over a connection of its own that stays open, and somebody who posts at a fixed rate
from elsewhere. A delay counts from when the post was to be sent. All of it runs in one thread on the core of
the load.
"""

import random
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from rooms import Log
from rooms.redis_server import free_port

from benchmarks.realtime_load import Socket
from benchmarks.rounds import PATIENCE, SERVER_CORE, Server, pinned, serving, stop

__all__ = ["processor", "transports"]

LISTENERS = 20
SECONDS = 8.0
RATES = (1, 20)

#: How often a poller asks. Half of it is what polling adds to a message on average.
POLL_SECONDS = 1.0


@dataclass
class Tally:
    """What all listeners of one run have seen."""

    posted: dict[bytes, float] = field(default_factory=dict)  # when a text was to be posted
    delays: list[float] = field(default_factory=list)
    requests: int = 0
    size: int = 0  # bytes on the wire, both ways

    def hear(self, data: bytes) -> int:
        """Find the messages in what came. Texts are ``<12 digits>``, which nothing else is."""
        now, count = time.perf_counter(), 0
        for piece in data.split(b"<")[1:]:
            if piece[:12].isdigit():
                self.delays.append(now - self.posted[piece[:12]])
                count += 1
        return count


class Listener:
    """One connection. ``due`` is when it has something to do by itself."""

    due = float("inf")

    def __init__(self, port: int, room: str, tally: Tally) -> None:
        self.room, self.tally, self.heard, self.buffer = room, tally, 0, b""
        self.socket = self.connect(port)
        self.socket.setblocking(False)

    def connect(self, port: int) -> socket.socket:
        """Open the connection."""
        return socket.create_connection(("127.0.0.1", port), 10)

    def ask(self, path: str) -> None:
        """Send a request, of the size that a browser's would have without its many fields."""
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".encode()
        self.socket.sendall(request)
        self.tally.requests += 1
        self.tally.size += len(request)

    def read(self) -> None:
        """Something has come."""
        data = self.socket.recv(262144)
        if not data:
            raise RuntimeError("the server ended a connection")
        self.tally.size += len(data)
        self.take(data)

    def take(self, data: bytes) -> None:
        """Whole messages are counted; the rest waits for what follows."""
        whole, newline, self.buffer = (self.buffer + data).rpartition(b">")
        self.heard += self.tally.hear(whole + newline)

    def act(self) -> None:
        """It is ``due``."""


class Answers(Listener):
    """Listens by asking: takes whole answers, by their Content-Length."""

    def take(self, data: bytes) -> None:
        """Count what is in an answer that is complete."""
        self.buffer += data
        head, end, content = self.buffer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if end and len(content) >= int(length):
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(content.decode())
            self.buffer = b""
            self.heard += self.tally.hear(content)
            self.answered()

    def answered(self) -> None:
        """An answer has come."""


class Polling(Answers):
    """Asks again and again."""

    def __init__(self, port: int, room: str, tally: Tally) -> None:
        super().__init__(port, room, tally)
        self.due = time.perf_counter() + POLL_SECONDS * random.random()  # noqa: S311 (not all at once)
        self.asking = False

    def act(self) -> None:
        """Ask for what has come since."""
        self.due += POLL_SECONDS
        if not self.asking:
            self.asking = True
            self.ask(f"/rooms/{self.room}/messages?after={self.heard}")

    def answered(self) -> None:
        """Ask again when it is time."""
        self.asking = False


class Waiting(Answers):
    """Asks, and the answer waits."""

    def __init__(self, port: int, room: str, tally: Tally) -> None:
        super().__init__(port, room, tally)
        self.answered()

    def answered(self) -> None:
        """Ask for the next one at once."""
        self.ask(f"/rooms/{self.room}/wait?after={self.heard}")


class Streaming(Listener):
    """Reads one response that never ends."""

    def __init__(self, port: int, room: str, tally: Tally) -> None:
        super().__init__(port, room, tally)
        self.ask(f"/rooms/{room}/events?after=0")


class Frames(Listener):
    """Listens over a WebSocket."""

    def connect(self, port: int) -> socket.socket:
        """The opening handshake is a request too."""
        self.tally.requests += 1
        return Socket(port, f"/ws/rooms/{self.room}?after=0").socket


class Lines(Listener):
    """Listens with ``nc``."""

    def __init__(self, port: int, room: str, tally: Tally) -> None:
        super().__init__(port, room, tally)
        join = f"JOIN {room} listener after=0\n".encode()
        self.socket.sendall(join)
        tally.requests += 1
        tally.size += len(join)


def run(server: Server, kind: type[Listener], log: Log, rate: int) -> tuple[Tally, float]:
    """Listen and post for a while. Also returns the seconds of processor time that the server took."""
    room, tally = f"way-{time.monotonic_ns()}", Tally()
    with ExitStack() as stack:
        listeners = [kind(server.port, room, tally) for _ in range(LISTENERS)]
        by_number = {stack.enter_context(listener.socket).fileno(): listener for listener in listeners}
        poll = stack.enter_context(select.epoll())
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        pump(poll, by_number, time.perf_counter() + 1)  # everybody is in
        before = processor(server.process.pid)
        began = time.perf_counter()
        for number in range(int(SECONDS * rate)):
            due = began + number / rate
            pump(poll, by_number, due)
            text = f"{number:012d}"
            tally.posted[text.encode()] = due
            log.post(room, "bench", f"<{text}>" + "." * 50)
        pump(poll, by_number, began + SECONDS)
        used = processor(server.process.pid) - before
        pump(poll, by_number, time.perf_counter() + POLL_SECONDS + 0.5)  # what is still on its way
    if any(listener.heard != len(tally.posted) for listener in listeners):
        raise RuntimeError(f"{kind.__name__}: a listener has not heard everything once")
    return tally, used


def pump(poll: select.epoll, by_number: Mapping[int, Listener], until: float) -> None:
    """Let the listeners do what they do until then."""
    while (left := until - time.perf_counter()) > 0:
        due = min(listener.due for listener in by_number.values())
        for number, _ in poll.poll(max(0.0, min(left, due - time.perf_counter()))):
            by_number[number].read()
        now = time.perf_counter()
        for listener in by_number.values():
            if listener.due <= now:
                listener.act()


def processor(pid: int) -> float:
    """The seconds of processor time of a process and its children's, all threads, to the nanosecond."""
    pids = [pid, *children(pid)]
    tasks = (task for each in pids for task in Path(f"/proc/{each}/task").iterdir())
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def children(pid: int) -> Iterable[int]:
    """The processes that a process has started, such as Gunicorn's worker."""
    return map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


#: Each way: what it is called, whose it is, and who listens so.
WAYS: list[tuple[str, str, type[Listener]]] = [
    (f"polling, every {POLL_SECONDS:g} s", "web", Polling),
    ("long polling", "realtime", Waiting),
    ("event stream", "realtime", Streaming),
    ("WebSocket", "realtime", Frames),
    ("lines over TCP", "tcp", Lines),
]


@contextmanager
def gunicorn(redis: str) -> Iterator[Server]:
    """``web``, as it is started in earnest. It does not say when it listens, so it is asked."""
    port = free_port()
    command = [
        "env",
        f"REDIS_URL={redis}",
        f"WEB_LISTEN=127.0.0.1:{port}",
        "SECRET_KEY=nothing is signed here",
    ]
    command += [sys.executable, "-m", "gunicorn", "-c", "python:web.gunicorn_conf", "web.wsgi"]
    process = subprocess.Popen(pinned(SERVER_CORE, command), stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("gunicorn did not begin to listen") from None
                time.sleep(0.05)
        yield Server(process, "127.0.0.1", port)
    finally:
        stop(process)


def transports(redis: str) -> str:
    """Measure every way at every rate; a table in Markdown."""
    service = ["env", f"REDIS_URL={redis}", sys.executable, "-m"]
    rows = []
    with ExitStack() as stack:
        log = stack.enter_context(closing(Log(redis)))
        servers = {
            "web": stack.enter_context(gunicorn(redis)),
            "realtime": stack.enter_context(serving([*service, "realtime", "--listen", "127.0.0.1:0"])),
            "tcp": stack.enter_context(
                serving([*service, "tcp", "--listen", "127.0.0.1:0", "--protocol", "room"])
            ),
        }
        for rate in RATES:
            rows += [row(name, rate, *run(servers[whose], kind, log, rate)) for name, whose, kind in WAYS]
    return "\n".join(
        [
            f"{LISTENERS} listeners, {SECONDS:g} s a line; all but the delays is per message delivered.",
            "",
            "| | posts a second | requests | bytes on the wire | delay, p50 | delay, p99 | processor time |",
            "|---|---|---|---|---|---|---|",
            *rows,
        ]
    )


def row(name: str, rate: int, tally: Tally, used: float) -> str:
    """A line of the table."""
    count = len(tally.delays)
    percentiles = quantiles([delay * 1000 for delay in tally.delays], n=100)
    return (
        f"| {name} | {rate} | {tally.requests / count:.2f} | {tally.size / count:,.0f} "
        f"| {percentiles[49]:.2f} ms | {percentiles[98]:.2f} ms | {used / count * 1e6:,.0f} µs |"
    )
