"""The service as it is started in earnest: ``python -m tcp`` on a free port."""

import json
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

PATIENCE = 20.0  # seconds that a test waits for anything before it fails

#: Not to wait longer than a test needs when a server stops.
QUICK = ["--limits", "quiet=0.5,linger=0.5"]

#: The arguments that choose a model, and how many connections it can talk with at once.
MODELS = {
    "iterative": (["--model", "iterative"], 1),
    "threads": (["--model", "threads"], 1000),
    "prefork": (["--model", "prefork", "--processes", "8"], 8),
    "selector": (["--model", "selector"], 1000),
    "asyncio": (["--model", "asyncio"], 1000),
    "uvloop": (["--model", "asyncio", "--loop", "uvloop"], 1000),
}


class Running:
    """A process of the service, and whom it talks with."""

    def __init__(self, arguments: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tcp", *arguments], stderr=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        self.reader = Thread(target=self.read)
        self.reader.start()
        self.peers: list[socket.socket] = []
        wanted = arguments.count("--listen")
        self.until(lambda: len(self.addresses()) == wanted or self.process.poll() is not None)

    def read(self) -> None:
        assert self.process.stderr
        self.lines.extend(self.process.stderr)  # grows while it lasts

    def addresses(self) -> list[tuple[str, int]]:
        found = (re.match(r"listening on (.*):(\d+)$", line) for line in list(self.lines))
        return [(match[1], int(match[2])) for match in found if match]

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "".join(self.lines)
            time.sleep(0.005)

    def connect(self, index: int = 0, *, buffer: int = 0) -> socket.socket:
        """A connection; with a ``buffer`` the kernel takes so many bytes for us, or a few more."""
        peer = socket.socket()
        self.peers.append(peer)
        peer.settimeout(PATIENCE)
        if buffer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        peer.connect(self.addresses()[index])
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return peer

    def logged(self, text: str) -> bool:
        return any(text in line for line in list(self.lines))

    def counters(self, service: str = "echo") -> dict[str, int]:
        """What it says about itself when it is asked with SIGUSR1."""
        before = len(self.lines)
        self.process.send_signal(signal.SIGUSR1)
        wanted = f'"event": "counters", "service": "{service}", '
        self.until(lambda: any(wanted in line for line in self.lines[before:]))
        line = next(line for line in self.lines[before:] if wanted in line)
        return {name: value for name, value in json.loads(line).items() if isinstance(value, int)}

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def listens(self) -> bool:
        """Whether the process that was started has a listener open."""
        return bool(self.sockets(self.process.pid, "0A"))

    def owner(self, peer: socket.socket) -> int | None:
        """The worker that talks with a peer; None, if nobody does yet."""
        port = peer.getsockname()[1]
        return next((pid for pid in self.children() if port in self.sockets(pid, "01")), None)

    def sockets(self, pid: int, state: str) -> set[int]:
        """The peers' ports of a process's sockets at the first address that are in a state."""
        inodes = set()
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since it was listed: a worker settles in
                inodes.add(str(entry.readlink()).removeprefix("socket:[").removesuffix("]"))
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        port = f"{self.addresses()[0][1]:04X}"
        return {
            int(row[2].partition(":")[2], 16)
            for row in rows
            if row[9] in inodes and row[1].endswith(f":{port}") and row[3] == state
        }

    def leave(self) -> None:
        """Hang up, so that it has nobody to talk with."""
        for peer in self.peers:
            peer.close()
        self.peers.clear()

    def close(self) -> None:
        self.leave()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            finally:
                self.process.kill()
        self.reader.join()
        self.process.stderr.close()


def serve(listen: tuple[str, ...], model: str, *arguments: str) -> Running:
    ports = [word for name in listen for word in ("--listen", "127.0.0.1:0", "--protocol", name)]
    return Running([*ports, *MODELS[model][0], *QUICK, *arguments])


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start the service with the given arguments."""
    started: list[Running] = []

    def run(*arguments: str, listen: tuple[str, ...] = ("echo",), model: str = "selector") -> Running:
        started.append(serve(listen, model, *arguments))
        return started[-1]

    yield run
    for running in started:
        running.close()


@pytest.fixture(scope="session")
def lasting() -> Iterator[dict[tuple[str, ...], Running]]:
    """Those that are shared, until the end of all tests."""
    services: dict[tuple[str, ...], Running] = {}
    yield services
    for running in services.values():
        running.close()


@pytest.fixture
def shared(lasting) -> Iterator[Callable[..., Running]]:
    """A service that other tests use as well, for one that does it no harm: to start takes the most time."""
    used: list[Running] = []

    def find(*listen: str, model: str = "selector") -> Running:
        key = (model, *listen)
        if key not in lasting or lasting[key].process.poll() is not None:
            lasting[key] = serve(listen, model)
        used.append(lasting[key])
        return lasting[key]

    yield find
    for running in used:
        running.leave()


@pytest.fixture
def start_each(start) -> Callable[..., list[Running]]:
    """Start the service under several models, all at the same time."""

    def run(models: Iterable[str], *arguments: str) -> list[Running]:
        with ThreadPoolExecutor(len(MODELS)) as pool:
            return list(pool.map(lambda model: start(*arguments, model=model), models))

    return run


@pytest.fixture
def models() -> dict[str, tuple[list[str], int]]:
    """For a test that starts several at once."""
    return MODELS


@pytest.fixture(params=MODELS)
def model(request) -> str:
    return request.param


@pytest.fixture
def capacity(model) -> int:
    """How many connections the model serves at once."""
    return MODELS[model][1]


@pytest.fixture(scope="session", autouse=True)
def descriptors() -> None:
    """As many as we may have: tests open thousands of connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
