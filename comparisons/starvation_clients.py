"""Who holds a server up, and the visitor who wants something of it meanwhile.

A *holder* asks for what takes long, or sends what it has slowly, and begins again if it is turned away:
nothing about it is wrong, there are only many. The *visitor* asks for what takes no time, over a new
connection each time, as often as the clock says, answered or not; and has little patience.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["KINDS", "Step", "Terms", "is_free", "step"]

EVERY: Final = 0.25
"""Seconds between two octets of a slow client, and until one who was turned away comes again."""

CONTENT: Final = 4096
"""Octets of a slow client's, who needs a quarter of an hour for them."""

HELLO: Final = b"GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

POLL: Final = b"GET /wait?%.2f HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

UPLOAD: Final = (
    b"POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % CONTENT
)

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """How the visitor comes. Times are seconds."""

    seconds: float = 2.0
    rate: float = 20.0
    """Visits a second: few, as it is not the visitor who is to be the load."""
    patience: float = 1.0
    """After which a visit is given up."""
    settle: float = 0.5
    """In which holders take their places, before the first visit."""

    @property
    def hold(self) -> float:
        """For as long holders hold: until the last visit is over."""
        return self.settle + self.seconds + self.patience


@dataclass
class Step:
    """What the visitor met with `holders` others there."""

    holders: int
    times: list[float] = field(default_factory=list)
    """Seconds, of those that were answered."""
    asked: int = 0

    @property
    def success(self) -> float:
        """The part that was answered in time."""
        return len(self.times) / self.asked if self.asked else 0.0

    def percentile(self, part: float) -> float | None:
        """Seconds; None where that many were not answered at all."""
        place = max(int(part * self.asked + 0.5) - 1, 0)
        return sorted(self.times)[place] if place < len(self.times) else None


async def long_poll(address: Address, until: float) -> None:
    """Ask what is answered at that time of the clock."""
    while (left := until - perf_counter()) > 0:
        await converse(address, POLL % left, wait)


async def slow_client(address: Address, _: float) -> None:
    """Send content an octet at a time until it is cancelled, which a server sees at once."""
    while True:
        await converse(address, UPLOAD, drip)


async def converse(
    address: Address,
    words: bytes,
    then: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    """Connect, say something, do the rest. Who is refused or cut off waits a little."""
    try:
        reader, writer = await asyncio.open_connection(*address)
    except OSError:
        await asyncio.sleep(EVERY)
        return
    try:
        writer.write(words)
        await then(reader, writer)
    except OSError:
        await asyncio.sleep(EVERY)
    finally:
        writer.transport.abort()


async def wait(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """For the answer."""
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send an octet now and then."""
    for _ in range(CONTENT):
        await asyncio.sleep(EVERY)
        if reader.at_eof():
            return
        writer.write(b".")
        await writer.drain()


KINDS: Final[dict[str, Callable[[Address, float], Awaitable[None]]]] = {
    "long polls": long_poll,
    "slow clients": slow_client,
}


async def visit(address: Address, step: Step, patience: float) -> None:
    """One request of the visitor's."""
    step.asked += 1
    began = perf_counter()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(*address)
            try:
                writer.write(HELLO)
                if (await reader.read()).endswith(b"This is an HTTP response."):
                    step.times.append(perf_counter() - began)
            finally:
                writer.transport.abort()


async def step(address: Address, kind: str, holders: int, terms: Terms) -> Step:
    """Let so many hold the server up, and the visitor come meanwhile. All holders are gone when it ends."""
    found = Step(holders)
    until = perf_counter() + terms.hold
    held = [asyncio.ensure_future(KINDS[kind](address, until)) for _ in range(holders)]
    try:
        await asyncio.sleep(terms.settle)
        began = perf_counter()
        visits = []
        for number in range(max(int(terms.seconds * terms.rate), 1)):
            await asyncio.sleep(max(began + number / terms.rate - perf_counter(), 0.0))
            visits.append(asyncio.ensure_future(visit(address, found, terms.patience)))
        await asyncio.gather(*visits)
        if held and KINDS[kind] is long_poll:
            # The application does not see who has gone, so their places are free only when their time is up;
            # and where there are too few of them, one waits for another.
            await asyncio.wait(held, timeout=2 * terms.hold)
    finally:
        for each in held:
            each.cancel()
        await asyncio.gather(*held, return_exceptions=True)
    return found


async def is_free(address: Address, within: float) -> bool:
    """Wait until a visitor is served again: what was queued up has been worked off."""
    deadline = perf_counter() + within
    while perf_counter() < deadline:
        trial = Step(0)
        await visit(address, trial, Terms().patience)
        if trial.times:
            return True
        await asyncio.sleep(EVERY)
    return False
