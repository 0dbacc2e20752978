"""What is attacked: a service alone, with few descriptors to use up, or one of a stack, behind its nginx."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from rooms.redis_server import RedisServer

from bench.hops import Hop, tree
from reliability.house import House
from reliability.peers import PEERS, accepts
from reliability.places import Place, through_nginx

__all__ = ["PEERS", "VICTIMS", "Alone", "Behind", "Victim", "behind", "victim"]

#: The services by name, with the arguments of ``python -m`` that start each.
VICTIMS: Mapping[str, tuple[str, ...]] = {
    "tcp": ("tcp", "--protocol", "echo"),
    "httpd": ("httpd",),
    "httpd-wsgi": ("httpd", "--app", "httpd.demo:application", "--threads", "4"),
    "realtime": ("realtime",),
}

ROOT = Path(__file__).parents[1]

HERE = "127.0.0.1:0"

#: What is asked on a service's own port.
DIRECT: Mapping[str, Place] = {
    "tcp": Place("tcp", "tcp"),
    "httpd": Place("httpd", "http"),
    "httpd-wsgi": Place("httpd-wsgi", "http"),
    "realtime": Place("realtime", "websocket"),
    **{name: Place(name, peer.asks) for name, peer in PEERS.items()},
}

#: How many descriptors a victim may have.
DESCRIPTORS = 2_048

#: How long a service may take to begin, in seconds.
PATIENCE = 20.0

#: How servers say where they listen: ours, Gunicorn and Granian, uvicorn, uWSGI, daphne.
LISTENING = re.compile(
    r"(?:listening on |Listening at: http://|running on http://|http bound on |Listening on TCP address )"
    r"([0-9.]+):([0-9]+)(?=[\s/])"
)


class Victim(Protocol):
    """What is attacked: somewhere to go, and somebody to look at."""

    @property
    def place(self) -> Place:
        """Where."""

    def hop(self) -> Hop:
        """Its processes, as they are now."""

    def said(self) -> str:
        """All that it has logged."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A service on a port of its own."""

    place: Place
    process: subprocess.Popen[bytes]
    log: IO[bytes]

    def hop(self) -> Hop:
        """Its process and all that it has started."""
        return Hop(self.place.name, tree(self.process.pid))

    def said(self) -> str:
        """All that it has written to standard error."""
        return os.pread(self.log.fileno(), 1 << 26, 0).decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Behind:
    """A service of a whole stack, attacked through its nginx; the two are looked at together."""

    place: Place
    house: House

    def hop(self) -> Hop:
        """nginx and the service."""
        return self.house.hop("nginx", self.place.name)

    def said(self) -> str:
        """All that the service has logged, and what nginx has beside its access log."""
        said = self.house.said("nginx").splitlines(keepends=True)
        return self.house.said(self.place.name) + "".join(line for line in said if line[:1] != "{")


def behind(at: House, service: str) -> Behind:
    """A service of that stack."""
    return Behind(through_nginx(at, service), at)


@contextmanager
def victim(name: str) -> Iterator[Alone]:
    """Start a service by its name, and end it; with a Redis of its own for WebSockets. Raises LeftOut."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = dict(os.environ)
        if DIRECT[name].asks == "websocket":
            environment["REDIS_URL"] = stack.enter_context(RedisServer(folder)).url
        if name in PEERS:
            words, environment = PEERS[name].words(), environment | PEERS[name].environment()
        else:
            words = [sys.executable, "-m", *VICTIMS[name], "--listen", HERE]
        log = stack.enter_context((folder / "log").open("w+b"))
        process = subprocess.Popen(
            ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}", *words],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        stack.callback(end, process)
        yield Alone(DIRECT[name].at(announced(process, log)), process, log)


def end(process: subprocess.Popen[bytes]) -> None:
    """Have a process end, by force if it does not by itself."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def announced(process: subprocess.Popen[bytes], log: IO[bytes]) -> tuple[str, int]:
    """Where a service says that it listens."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        found = LISTENING.search(os.pread(log.fileno(), 65536, 0).decode(errors="replace"))
        if found and accepts(address := (found[1], int(found[2]))):
            return address
        time.sleep(0.02)
    text = os.pread(log.fileno(), 65536, 0).decode(errors="replace")
    raise RuntimeError(f"{process.args!r} did not begin to listen: {text}")
