"""The service as it is started in earnest: ``python -m tcp`` on a free port."""

import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
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

    def connect(self, index: int = 0) -> socket.socket:
        peer = socket.create_connection(self.addresses()[index], PATIENCE)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.peers.append(peer)
        return peer

    def logged(self, text: str) -> bool:
        return any(text in line for line in list(self.lines))

    def counters(self, service: str = "echo") -> dict[str, int]:
        """What it says about itself when it is asked with SIGUSR1."""
        before = len(self.lines)
        self.process.send_signal(signal.SIGUSR1)
        self.until(lambda: any(f"counters service={service} " in line for line in self.lines[before:]))
        line = next(line for line in self.lines[before:] if f"counters service={service} " in line)
        return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", line)}

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        for peer in self.peers:
            peer.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            finally:
                self.process.kill()
        self.reader.join()
        self.process.stderr.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start the service with the given arguments."""
    started: list[Running] = []

    def run(*arguments: str, listen: tuple[str, ...] = ("echo",), model: str = "selector") -> Running:
        ports = [word for name in listen for word in ("--listen", "127.0.0.1:0", "--protocol", name)]
        running = Running([*ports, *MODELS[model][0], *QUICK, *arguments])
        started.append(running)
        return running

    yield run
    for running in started:
        running.close()


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
