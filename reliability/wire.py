"""What every attacker needs: a connection, patience, and no scruples."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

from reliability.guests import Address

__all__ = ["Attack", "Wire", "crowd", "dripping", "wire"]

#: An attack runs until it is cancelled.
Attack = Callable[[Address], Coroutine[None, None, None]]

#: Seconds between two bytes of somebody slow.
DRIP = 0.5

#: Seconds before somebody who was thrown out comes back.
REST = 0.05


class Wire:
    """A socket that does as it is told, and no more: it reads only when asked to."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self.loop = asyncio.get_running_loop()

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
async def wire(address: Address) -> AsyncIterator[Wire]:
    """Connect."""
    with socket.socket() as peer:
        peer.setblocking(False)
        await asyncio.get_running_loop().sock_connect(peer, address)
        yield Wire(peer)


async def dripping(line: Wire, data: bytes) -> None:
    """Send a byte at a time, with long pauses."""
    for at in range(len(data)):
        await line.send(data[at : at + 1])
        await asyncio.sleep(DRIP)


def crowd(size: int, one: Callable[[Wire], Awaitable[None]]) -> Attack:
    """So many at once, each of whom comes back when it is thrown out."""

    async def member(address: Address) -> None:
        while True:
            with suppress(OSError):
                async with wire(address) as line:
                    await one(line)
            await asyncio.sleep(REST)

    async def attack(address: Address) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(size):
                group.create_task(member(address))

    return attack
