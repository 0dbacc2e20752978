"""A Redis, a server of rooms, and people in them."""

import itertools
import socket
from collections.abc import Callable, Iterator

import pytest
from rooms import Log
from rooms.redis_server import RedisServer

numbers = itertools.count()


class Person:
    """Somebody with ``nc``. Whatever they wait for has a deadline: their socket's."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.file = sock, sock.makefile("rb")

    def say(self, *lines: str) -> None:
        self.sock.sendall("".join(f"{line}\n" for line in lines).encode())

    def line(self) -> str:
        """The next line; "" is the end."""
        line = self.file.readline()
        assert not line or line.endswith(b"\n"), line
        return line.decode().removesuffix("\n")

    def until(self, *beginnings: str) -> str:
        """The next line that begins so, whatever comes before it."""
        while not (line := self.line()).startswith(beginnings):
            assert line, f"closed before {beginnings}"
        return line

    def messages(self, count: int) -> list[str]:
        """The next messages of the room."""
        return [self.until(*"0123456789") for _ in range(count)]

    def rest(self) -> list[str]:
        """Everything up to the end."""
        return list(iter(self.line, ""))

    def leaves(self) -> None:
        """Send no more."""
        self.sock.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory) -> Iterator[RedisServer]:
    """One for all tests that do it no harm: what it keeps it need not write to a disk."""
    with RedisServer(tmp_path_factory.mktemp("redis"), "--appendonly", "no") as server:
        yield server


@pytest.fixture(autouse=True)
def redis_url(shared_redis, monkeypatch) -> None:
    """What is started finds it."""
    monkeypatch.setenv("REDIS_URL", shared_redis.url)


@pytest.fixture
def own_redis(tmp_path, monkeypatch) -> Iterator[RedisServer]:
    """One to kill."""
    with RedisServer(tmp_path) as server:
        monkeypatch.setenv("REDIS_URL", server.url)
        yield server


@pytest.fixture
def log(shared_redis) -> Iterator[Log]:
    """The room as other transports have it."""
    log = Log(shared_redis.url)
    yield log
    log.close()


@pytest.fixture
def room() -> str:
    return f"room-{next(numbers)}"


@pytest.fixture
def person(room) -> Iterator[Callable[..., Person]]:
    """Somebody who is in, past their welcome."""
    people: list[Person] = []

    def join(running, name: str = "ada", after: int | None = None, buffer: int = 0) -> Person:
        somebody = Person(running.connect(buffer=buffer))
        people.append(somebody)
        assert somebody.line().startswith("* This is a room.")
        somebody.say(f"JOIN {room} {name}" + ("" if after is None else f" after={after}"))
        assert f"you are in {room}" in somebody.until("* ", "ERR")
        return somebody

    yield join
    for somebody in people:
        somebody.file.close()
