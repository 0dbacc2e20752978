"""Those who ask for something again and again while something breaks, and remember how they fared."""

import http.client
import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple

from wire.stack import Base

__all__ = ["Bystander", "Visit", "Wish", "beside"]

#: How long one waits for an answer, in seconds.
PATIENCE = 20.0


class Visit(NamedTuple):
    """One request, and what became of it."""

    when: float
    seconds: float
    what: str
    """The status, or how it broke."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, and what for an answer is wanted."""

    base: Base
    path: str
    content: bytes | None = None
    wanted: tuple[int, ...] = (200,)

    def __str__(self) -> str:
        return f"{'GET' if self.content is None else 'POST'} {self.base.prefix}{self.path}"


class Bystander(threading.Thread):
    """Asks for one wish after the other, on a connection that is kept or on a new one for each."""

    def __init__(self, wishes: Sequence[Wish], every: float = 0.02, *, keep: bool = False) -> None:
        super().__init__(name="Bystander", daemon=True)
        self.wishes, self.every, self.keep = wishes, every, keep
        self.visits: list[tuple[Wish, Visit]] = []
        self.done = threading.Event()

    def run(self) -> None:
        connection: http.client.HTTPConnection | None = None
        for wish in itertools.cycle(self.wishes):
            if self.done.wait(self.every):
                break
            if connection is None:
                connection = http.client.HTTPConnection(wish.base.host, wish.base.port, timeout=PATIENCE)
            begun = time.monotonic()
            what = self.ask(connection, wish)
            self.visits.append((wish, Visit(begun, time.monotonic() - begun, what)))
            if not self.keep or not what.isdigit():
                connection.close()
                connection = None
        if connection:
            connection.close()

    def ask(self, connection: http.client.HTTPConnection, wish: Wish) -> str:
        """Ask; returns the status, or how it broke."""
        method = "GET" if wish.content is None else "POST"
        try:
            connection.request(method, wish.base.prefix + wish.path, wish.content)
            with connection.getresponse() as answer:
                content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            return repr(error)
        if answer.status == http.client.OK and wish.content not in (None, content):
            return "other bytes came back"
        return str(answer.status)

    def failures(self, since: float = 0.0) -> list[tuple[Wish, Visit]]:
        """The visits that did not go as they should."""
        return [
            (wish, visit)
            for wish, visit in self.visits.copy()
            if visit.when >= since and visit.what not in map(str, wish.wanted)
        ]

    def whole_after(self, fault: float) -> float:
        """Seconds from the fault until the last visit that failed was over."""
        return max((visit.when + visit.seconds - fault for _, visit in self.failures(fault)), default=0.0)

    def slowest(self, since: float = 0.0, share: float = 0.99) -> float:
        """How long that share of the visits took at most, in seconds."""
        times = sorted(visit.seconds for _, visit in self.visits.copy() if visit.when >= since)
        return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0


@contextmanager
def beside(*bystanders: Bystander) -> Iterator[None]:
    """They ask as long as this lasts."""
    for each in bystanders:
        each.start()
    try:
        yield
    finally:
        for each in bystanders:
            each.done.set()
        for each in bystanders:
            with suppress(RuntimeError):
                each.join(PATIENCE + 5)
