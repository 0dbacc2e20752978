"""A server alone, on a port of its own: one of ours, or one that people install, serving the same."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
from rooms.redis_server import RedisServer

from reliability import peers
from reliability.peers import Peer, accepts

__all__ = ["OURS", "PEERS", "ROOT", "Server", "server", "wait_for"]

ROOT = Path(__file__).parents[2]

#: How long a server may take to begin or to end, in seconds.
PATIENCE = 30.0

PYTHON = (sys.executable, "-m")
LISTEN = ("--listen", "127.0.0.1:0")
SITE = (*PYTHON, "gunicorn", "--config", "python:web.gunicorn_conf", "web.wsgi")

#: Ours, as the stack starts them.
OURS: Mapping[str, tuple[str, ...]] = {
    "tcp": (*PYTHON, "tcp", *LISTEN, "--protocol", "echo"),
    "httpd": (*PYTHON, "httpd", *LISTEN),
    "httpd-wsgi": (*PYTHON, "httpd", *LISTEN, "--app", "httpd.demo:application", "--threads", "4"),
    "web": SITE,
    "realtime": (*PYTHON, "realtime", *LISTEN),
}

#: Others, with a hello of a few lines, by the names that people know them by.
PEERS: Mapping[str, Peer] = {peer.title: peer for peer in peers.PEERS.values() if peer.asks == "http"}

#: Channels as its documentation shows it, on our own server.
STOCK: Mapping[str, tuple[str, ...]] = {"Channels": (*PYTHON, "benchmarks.realtime_stock", *LISTEN)}

Value = TypeVar("Value")

#: What each says once it accepts connections.
LISTENING = re.compile(
    r"(?:listening on|serving on|running on http://|Listening at: http://|http bound on|"
    r"Listening on TCP address)\s*127\.0\.0\.1:(\d+)"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    port: int
    redis: RedisServer | None

    def connect(self, seconds: float = PATIENCE) -> socket.socket:
        """A new connection."""
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def said(self) -> str:
        """All that it has written."""
        return self.log.read_text(errors="replace")

    def processes(self) -> list[psutil.Process]:
        """The process and its children."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def signal(self, number: int) -> None:
        """Send the main process a signal."""
        self.process.send_signal(number)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """All of it stands still: what comes meanwhile queues in the kernel."""
        each = self.processes()
        for process in each:
            process.suspend()
        wait_for(lambda: all(process.status() == psutil.STATUS_STOPPED for process in each))
        try:
            yield
        finally:
            for process in each:
                process.resume()


@contextmanager
def server(name: str, *options: str, **variables: str) -> Iterator[Server]:
    """Start one by its name, and end it; with a Redis of its own if it wants one. Raises LeftOut."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
        redis = None
        if name in ("web", "realtime") and "REDIS_URL" not in variables:
            redis = stack.enter_context(RedisServer(folder))
            environment["REDIS_URL"] = redis.url
        if name == "web":
            environment |= {
                "WEB_LISTEN": f"127.0.0.1:{free_port()}",
                "SECRET_KEY_FILE": str(folder / "key"),
                "STATIC_ROOT": str(folder / "static"),
            }
            collect = [*PYTHON, "web", "collectstatic", "--noinput", "--verbosity", "0"]
            subprocess.run(collect, cwd=ROOT, env=environment, check=True)
        peer = PEERS.get(name)
        words = peer.words() if peer else [*{**OURS, **STOCK}[name]]
        environment |= peer.environment() if peer else {}
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*words, *options],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        stack.callback(end, process)
        port = wait_for(lambda: announced(process, log))
        wait_for(lambda: accepts(("127.0.0.1", port)))
        yield Server(name, process, log, port, redis)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def announced(process: "subprocess.Popen[bytes]", log: Path) -> int:
    """The port that it says it listens on; 0 if it has not yet."""
    text = log.read_text(errors="replace")
    if process.poll() is not None:
        raise RuntimeError(f"{process.args!r} has ended: {text}")
    # Gunicorn says so before it has a worker; ours says once more when it has.
    found = None if "serving on" not in text and "web.wsgi" in process.args else LISTENING.search(text)  # type: ignore[operator]
    return int(found[1]) if found else 0


def end(process: "subprocess.Popen[bytes]") -> None:
    """Have it end, by force and with its children if it does not by itself."""
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], Value], seconds: float = PATIENCE) -> Value:
    """The condition's first true value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s for {condition!r}")
        time.sleep(0.02)
    return value
