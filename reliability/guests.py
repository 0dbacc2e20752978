"""The well-behaved guest: so many times a second it comes, asks one thing over a new connection, and goes.

It comes when it is due, not when the last visit is over (an open loop), and counts from then: a service that
hangs is not asked less often for it.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from statistics import quantiles

from reliability.places import Place

__all__ = ["ACCEPT", "ASKS", "PATIENCE", "PATIENCE_QUICK", "Ask", "Visits", "handshake", "visit"]

#: One visit: raises what went wrong.
Ask = Callable[[Place], Awaitable[None]]

#: Visits a second.
RATE = 20

#: A visit that takes longer than this many seconds has failed; and where no time is judged.
PATIENCE, PATIENCE_QUICK = 5.0, 25.0

#: Its address at nginx, which counts by address: loopback has more than one (on Linux).
GUEST = "127.0.0.9"

#: RFC 6455, section 1.3: an opening handshake of its own, and the answer that belongs to its key.
HANDSHAKE = (
    "GET /ws/echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Origin: http://localhost\r\n"
)
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@dataclass(frozen=True, slots=True)
class Visits:
    """What a guest has met."""

    seconds: list[float]
    """How long each visit took that went well."""
    failures: list[str]
    """What went wrong in the others."""

    @property
    def share(self) -> float:
        """The part that went well, 0 to 1."""
        count = len(self.seconds) + len(self.failures)
        return len(self.seconds) / count if count else 0.0

    @property
    def usual_failure(self) -> str:
        """What went wrong most often."""
        return max(set(self.failures), key=self.failures.count, default="none")

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 visits were over; infinite when none went well."""
        if len(self.seconds) < 2:
            return float("inf")
        return quantiles(self.seconds, n=100, method="inclusive")[98]


async def connect(place: Place) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Where attackers come from elsewhere, the guest is one of many strangers too."""
    source = (GUEST, 0) if place.sources and sys.platform == "linux" else None
    return await asyncio.open_connection(*place.address, local_addr=source)


async def http(place: Place) -> None:
    """GET a quick path over a connection of its own."""
    reader, writer = await connect(place)
    try:
        head = f"GET {place.prefix}{place.quick} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        status = await reader.readline()
        if not status.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"answered {status[:40]!r}")
        await reader.read()
    finally:
        writer.close()


async def tcp(place: Place) -> None:
    """Send a line and have it echoed."""
    reader, writer = await connect(place)
    try:
        writer.write(b"hello\n")
        if (said := await reader.readline()) != b"hello\n":
            raise RuntimeError(f"echoed {said[:40]!r}")
    finally:
        writer.close()


async def websocket(place: Place) -> None:
    """Open a WebSocket, and have one masked text frame echoed."""
    reader, writer = await connect(place)
    try:
        writer.write(handshake())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 ") or ACCEPT not in head:
            raise RuntimeError(f"answered {head[:40]!r}")
        writer.write(b"\x81\x85" + bytes(4) + b"hello")
        if (frame := await reader.readexactly(7)) != b"\x81\x05hello":
            raise RuntimeError(f"echoed {frame!r}")
    finally:
        writer.close()


def handshake(extensions: str = "") -> bytes:
    """A page's opening handshake for an echo."""
    return f"{HANDSHAKE}{extensions}\r\n".encode()


#: What a guest asks, by what the service speaks.
ASKS: Mapping[str, Ask] = {"tcp": tcp, "http": http, "websocket": websocket}


async def one(place: Place, due: float, visits: Visits, patience: float) -> None:
    """One visit, counted from when it was due."""
    try:
        async with asyncio.timeout(patience):
            await ASKS[place.asks](place)
    except (OSError, EOFError, TimeoutError, RuntimeError) as error:
        visits.failures.append(f"{type(error).__name__}: {error}")
    else:
        visits.seconds.append(time.monotonic() - due)


async def visit(place: Place, seconds: float, rate: float = RATE, patience: float = PATIENCE) -> Visits:
    """Come at an even pace for so long; ends when the last visit is over."""
    visits, begin = Visits([], []), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(round(seconds * rate)):
            due = begin + number / rate
            await asyncio.sleep(max(due - time.monotonic(), 0))
            group.create_task(one(place, due, visits, patience))
    return visits


def main() -> None:
    """``python -m reliability.guests PLACE SECONDS PATIENCE``: visit a place (JSON), and print the visits."""
    where, seconds, patience = sys.argv[1:]
    visits = asyncio.run(visit(Place(**json.loads(where)), float(seconds), patience=float(patience)))
    json.dump(asdict(visits), sys.stdout)


if __name__ == "__main__":
    main()
