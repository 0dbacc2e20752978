"""What every attacker needs: a connection, patience, and no scruples."""

import asyncio
import random
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

from reliability.places import Place

__all__ = ["Attack", "Wire", "crowd", "dripping", "wire"]

#: An attack runs until it is cancelled.
Attack = Callable[[Place], Coroutine[None, None, None]]

#: ip(7): choose the port when it is known where to, so that each destination has all ports. (It has a name
#: from Python 3.12 on.)
IP_BIND_ADDRESS_NO_PORT = 24

#: Bytes that the kernel keeps of what an attacker has sent and nobody has taken. Attackers have machines of
#: their own; here megabytes for each of hundreds would use up what this kernel has for all connections.
SEND_BUFFER = 65536

#: Seconds between two bytes of somebody slow.
DRIP = 0.5

#: Seconds before somebody who was thrown out comes back.
REST = 0.05


class Wire:
    """A socket that does as it is told, and no more: it reads only when asked to."""

    def __init__(self, peer: socket.socket, place: Place) -> None:
        self.peer, self.place = peer, place
        self.loop = asyncio.get_running_loop()

    def head(self, method: str, path: str, *fields: str) -> bytes:
        """A request's head, but for the empty line at its end."""
        lines = (f"{method} {self.place.prefix}{path} HTTP/1.1", "Host: localhost", *fields, "")
        return "\r\n".join(lines).encode()

    def request(self, path: str) -> bytes:
        """A whole GET."""
        return self.head("GET", path, "")

    async def send(self, data: bytes) -> None:
        """Send all of it, however long the other side takes."""
        await self.loop.sock_sendall(self.peer, data)

    async def receive(self) -> bytes:
        """Whatever comes next; raises ConnectionError at its end."""
        if data := await self.loop.sock_recv(self.peer, 65536):
            return data
        raise ConnectionError("it has closed the connection")

    async def hold(self) -> None:
        """Read what comes until it closes the connection."""
        while await self.receive():
            pass

    async def flood(self, next_piece: Callable[[], bytes]) -> None:
        """Send a piece after another, and read what comes meanwhile, until either ends."""
        reading = asyncio.create_task(self.hold())
        try:
            while not reading.done():
                await self.send(next_piece())
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await reading

    def reset(self) -> None:
        """Have the kernel send a reset when this is closed."""
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@asynccontextmanager
async def wire(place: Place) -> AsyncIterator[Wire]:
    """Connect, from one of the addresses that attackers have."""
    with socket.socket() as peer:
        peer.setblocking(False)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if place.sources and sys.platform == "linux":  # elsewhere loopback is one address
            peer.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            peer.bind((random.choice(place.sources), 0))  # noqa: S311  no secret
        await asyncio.get_running_loop().sock_connect(peer, place.address)
        yield Wire(peer, place)


async def dripping(line: Wire, data: bytes) -> None:
    """Send a byte at a time, with long pauses."""
    for at in range(len(data)):
        await line.send(data[at : at + 1])
        await asyncio.sleep(DRIP)


def crowd(size: int, one: Callable[[Wire], Awaitable[None]]) -> Attack:
    """So many at once, each of whom comes back when it is thrown out."""

    async def member(place: Place) -> None:
        while True:
            with suppress(OSError):
                async with wire(place) as line:
                    await one(line)
            await asyncio.sleep(REST)

    async def attack(place: Place) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(size):
                group.create_task(member(place))

    return attack
