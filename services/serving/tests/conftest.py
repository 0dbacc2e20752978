"""Every concurrency model at work on a free port, in a thread of the test's own process."""

import inspect
import io
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread, local

import pytest
from serving import asyncio, iterative, prefork, selector, threads
from serving.counters import Board
from serving.driver import Driver, Service
from serving.limits import Limits
from serving.listener import open_listener
from serving.log import Log
from serving.poller import Poll
from serving.protocol import Factory, Output, Peer, Protocol

PATIENCE = 10.0  # seconds that a test waits for anything before it fails


class PollSelector(selector.Selector):
    """The selector where there is no epoll."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.poller.close()
        self.poller = Poll()


DRIVERS = {
    "iterative": (iterative.Iterative, {}),
    "prefork": (prefork.Prefork, {}),  # one of its processes, as it were
    "threads": (threads.Threads, {}),
    "selector": (selector.Selector, {}),
    "poll": (PollSelector, {}),
    "asyncio": (asyncio.Asyncio, {}),
    "uvloop": (asyncio.Asyncio, {"loop": "uvloop"}),
}

#: Those that serve several connections at once.
CONCURRENT = [name for name in DRIVERS if name not in {"iterative", "prefork"}]


class House:
    """A driver in a thread, and whom it speaks with."""

    def __init__(self, model: str, service: Service) -> None:
        kind, settings = DRIVERS[model]
        self.board, self.text = Board(), io.StringIO()
        listener = open_listener(("127.0.0.1", 0))
        self.address = listener.getsockname()
        self.driver: Driver = kind(
            listener, replace(service, **settings), self.board.add(model), Log("house", self.text)
        )
        self.thread = Thread(target=self.driver.run)
        self.thread.start()
        self.peers: list[socket.socket] = []

    def connect(self) -> socket.socket:
        peer = socket.create_connection(self.address, PATIENCE)
        self.peers.append(peer)
        return peer

    def counted(self, name: str) -> int:
        return self.board.totals()[name]

    def stop(self) -> None:
        self.driver.stop()

    def stopped(self) -> bool:
        self.thread.join(PATIENCE)
        return not self.thread.is_alive()

    def close(self) -> None:
        for peer in self.peers:
            peer.close()
        self.driver.stop()
        assert self.stopped(), "the driver does not stop"


#: The model of the test that runs in this thread, where several run at once.
current = local()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "models(*names): only under these models")
    config.addinivalue_line("markers", "concurrent: only under the models that serve several at once")
    config.addinivalue_line("markers", "at_once: run under every model at the same time; for tests that wait")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "model" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker
        models = ["every"] if marked("at_once") else CONCURRENT if marked("concurrent") else list(DRIVERS)
        if chosen := marked("models"):
            models = list(chosen.args)
        metafunc.parametrize("model", models)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is marked so in as many threads as there are models."""
    if not pyfuncitem.get_closest_marker("at_once"):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    failures: list[Exception] = []

    def run(model: str) -> None:
        current.model = model
        try:
            pyfuncitem.obj(**arguments)
        except Exception as error:  # noqa: BLE001 - raised below, in pytest's thread
            error.add_note(f"under the model {model}")
            failures.append(error)

    threads = [Thread(target=run, args=(model,)) for model in DRIVERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return True


@pytest.fixture
def serve(model) -> Iterator[Callable[..., House]]:
    """Serve a protocol under the model: ``serve(factory, threads=…, idle=…, …)``."""
    houses: list[House] = []

    def start(factory: Factory, *, threads: int = 0, refusal: bytes = b"", **limits: float) -> House:
        values = {"quiet": 0.2, "linger": 1.0, **limits}
        house = House(
            getattr(current, "model", model), Service("test", factory, Limits(**values), refusal, threads)
        )
        houses.append(house)
        return house

    yield start
    for house in houses:
        house.stop()
    for house in houses:
        house.close()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition."""

    def wait(condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.002)

    return wait


@pytest.fixture
def reset() -> Callable[[socket.socket], None]:
    """Break a connection off."""

    def abort(peer: socket.socket) -> None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    return abort


@pytest.fixture
def everything() -> Callable[[socket.socket], bytes]:
    """Read to the end of file."""

    def read(peer: socket.socket) -> bytes:
        pieces = []
        while piece := peer.recv(1 << 18):
            pieces.append(piece)
        return b"".join(pieces)

    return read


@pytest.fixture
def take() -> Callable[[socket.socket, int], bytes]:
    """Read so many bytes, fewer only at end of file."""

    def read(peer: socket.socket, count: int) -> bytes:
        data = bytearray()
        while len(data) < count and (piece := peer.recv(count - len(data))):
            data += piece
        return bytes(data)

    return read


class Recorder(Protocol):
    """Notes what it is called for; answers like an echo."""

    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
        self.peer, self.calls = peer, []

    def opened(self) -> Output:
        self.calls.append("opened")
        return b""

    def received(self, data: bytes) -> Output:
        self.calls.append(data)
        return data

    def ended(self) -> Output:
        self.calls.append("ended")
        return super().ended()

    def expired(self) -> Output:
        self.calls.append("expired")
        return super().expired()

    def stopping(self) -> Output:
        self.calls.append("stopping")
        return b""

    def closed(self) -> None:
        self.calls.append("closed")


@pytest.fixture
def recorder() -> type[Recorder]:
    """A protocol that notes what it is called for, to derive from."""
    return Recorder


@pytest.fixture
def recorded() -> Callable[..., tuple[Factory, list[Protocol]]]:
    """A factory of a kind of protocol, and the list of those that it has made."""

    def record(kind: Factory = Recorder) -> tuple[Factory, list[Protocol]]:
        made: list[Protocol] = []

        def factory(peer: Peer) -> Protocol:
            made.append(kind(peer))
            return made[-1]

        return factory, made

    return record
