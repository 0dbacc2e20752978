"""The rooms' own log as the judge: where it ends, and whether what was heard is what stands in it.

One of these a process. Nothing that it asks is measured.
"""

from __future__ import annotations

import zlib
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final, NamedTuple

from gevent.lock import BoundedSemaphore

from loadtests.clients.failures import Failure
from loadtests.clients.log import LogClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loadtests.addresses import Address

__all__ = ["TRUTHS", "Truth", "Truths"]

REMEMBERED: Final = 1000
"""Messages whose texts are compared with the log at the end: as many as a room remembers."""


class Ended(NamedTuple):
    """Where the log ended, and when that was asked."""

    asked: int
    number: int


class Finding(NamedTuple):
    """How many messages were compared, how many stand otherwise in the log, and why it could not be read."""

    compared: int
    different: int
    reason: str = ""


class Truth:
    """One room."""

    def __init__(self, address: Address, room: str, timeout: float) -> None:
        self._open: Callable[[], LogClient] = lambda: LogClient(address, room, timeout)
        self._lock = BoundedSemaphore()
        self._ended = Ended(0, 0)
        self._texts: dict[int, int] = {}
        """By number, in the order in which they were first heard: what the text was, as a checksum."""

    def end(self) -> int:
        """Where the log ends, asked not earlier than now. Raises Failure.

        All users stop in the same moment; the answer that the first of them gets is good for all.
        """
        now = perf_counter_ns()
        with self._lock:
            if self._ended.asked < now:
                asked = perf_counter_ns()
                client = self._open()
                try:
                    self._ended = Ended(asked, client.end())
                finally:
                    client.close()
            return self._ended.number

    def agrees(self, number: int, text: str) -> bool:
        """Whether everybody else in this process has heard the same text under this number."""
        sum_ = zlib.crc32(text.encode())
        known = self._texts.setdefault(number, sum_)
        if len(self._texts) > REMEMBERED:
            del self._texts[next(iter(self._texts))]
        return known == sum_

    def contradictions(self) -> tuple[int, int]:
        """How many of the last messages heard were compared with the log, and how many are not as heard.

        Raises Failure.
        """
        if not self._texts:
            return 0, 0
        compared = wrong = 0
        for number, text in self._pages(min(self._texts) - 1):
            if number in self._texts:
                compared += 1
                wrong += self._texts[number] != zlib.crc32(text.encode())
        return compared, wrong

    def _pages(self, after: int) -> Iterator[tuple[int, str]]:
        client = self._open()
        try:
            while (page := client.since(after)).messages:
                yield from page.messages
                after = page.messages[-1].number
        finally:
            client.close()


class Truths:
    """All rooms that this process puts load on."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[Address, str], Truth] = {}

    def of(self, address: Address, room: str, timeout: float) -> Truth:
        """The room's."""
        return self._rooms.setdefault((address, room), Truth(address, room, timeout))

    def clear(self) -> None:
        """A new test begins."""
        self._rooms.clear()

    def audit(self) -> Iterator[Finding]:
        """Compare what was heard in each room with its log."""
        for truth in self._rooms.values():
            try:
                yield Finding(*truth.contradictions())
            except Failure as failure:
                yield Finding(0, 0, str(failure))


TRUTHS = Truths()
"""This process's."""
