"""The attacks, by what is spoken where they are meant for. Each goes on until it is stopped."""

import os
import zlib
from collections.abc import Awaitable, Callable, Mapping

from reliability.guests import ACCEPT, handshake
from reliability.wire import Attack, Wire, crowd, dripping

__all__ = ["ATTACKS"]

#: How many slow ones, how many who shout, and how many connections against how many descriptors.
SLOW, LOUD, FLOOD = 400, 16, 3_000

MASK = bytes(4)

CHUNKED = "Transfer-Encoding: chunked"

#: What one attacker does with a connection.
Act = Callable[[Wire], Awaitable[None]]


# --- any service ----------------------------------------------------------------------------------------


async def idle(line: Wire) -> None:
    """Say nothing."""
    await line.hold()


async def resets(line: Wire) -> None:
    """Begin, and break off."""
    await line.send(line.request("/hello")[:-8])
    line.reset()


async def garbage(line: Wire) -> None:
    """Anything, as fast as it is taken, and read whatever comes back."""
    await line.flood(lambda: os.urandom(16384))


# --- TCP ------------------------------------------------------------------------------------------------


async def slow_senders(line: Wire) -> None:
    """A byte, and a long pause."""
    await dripping(line, b"x" * 1_000)


async def slow_readers(line: Wire) -> None:
    """Send on and on, and never read the echo."""
    while True:
        await line.send(b"x" * 65536)


# --- HTTP -----------------------------------------------------------------------------------------------


async def slow_heads(line: Wire) -> None:
    """A field section that never ends."""
    await line.send(line.head("GET", "/hello"))
    await dripping(line, b"X-Slow: " + b"x" * 1_000)


async def slow_request_lines(line: Wire) -> None:
    """Not even a first line."""
    await dripping(line, b"GET /" + b"x" * 1_000)


async def slow_content(line: Wire) -> None:
    """A length is declared, and content trickles."""
    await line.send(line.head("POST", "/echo", "Content-Length: 100000", ""))
    await dripping(line, b"x" * 1_000)


async def slow_chunks(line: Wire) -> None:
    """The same, in chunks of one byte."""
    await line.send(line.head("POST", "/echo", CHUNKED, ""))
    await dripping(line, b"1\r\nx\r\n" * 200)


async def expect_holders(line: Wire) -> None:
    """Ask to be told to go on, and then don't."""
    await line.send(line.head("POST", "/echo", "Content-Length: 100", "Expect: 100-continue", ""))
    await line.hold()


async def keep_alive_holders(line: Wire) -> None:
    """One request, and stay."""
    await line.send(line.request(line.place.quick))
    await line.hold()


async def unread_responses(line: Wire) -> None:
    """Ask for the picture again and again, and read none of it."""
    while True:
        await line.send(line.request(line.place.large) * 100)


async def pipelining_flood(line: Wire) -> None:
    """Requests without a pause, and their responses thrown away."""
    await line.flood(lambda: line.request(line.place.quick) * 200)


async def giant_heads(line: Wire) -> None:
    """A field section of megabytes."""
    await line.send(line.head("GET", "/"))
    for number in range(10_000):
        await line.send(b"X-%d: " % number + b"x" * 1_000 + b"\r\n")


async def giant_lines(line: Wire) -> None:
    """A request-line of megabytes."""
    await line.send(b"GET /")
    for _ in range(1_000):
        await line.send(b"x" * 16384)


async def endless_chunks(line: Wire) -> None:
    """Content of no declared length that does not end."""
    await line.send(line.head("POST", "/echo", CHUNKED, ""))
    while True:
        await line.send(b"1000;name=value\r\n" + b"x" * 4096 + b"\r\n")


async def endless_trailers(line: Wire) -> None:
    """Content that ends, and trailers that don't."""
    await line.send(line.head("POST", "/echo", CHUNKED, "") + b"1\r\nx\r\n0\r\n")
    while True:
        await line.send(b"X-Trailer: " + b"x" * 1_000 + b"\r\n")


async def huge_lengths(line: Wire) -> None:
    """More than there is on earth, and then a length that is longer than a line."""
    await line.send(line.head("POST", "/echo", "Content-Length: 999999999999999999", "") + b"x" * 65536)
    await line.hold()


# --- WebSocket ------------------------------------------------------------------------------------------


def opened(then: Act, extensions: str = "") -> Act:
    """The same, on a WebSocket whose handshake is done."""

    async def attack(line: Wire) -> None:
        await line.send(handshake(extensions))
        if ACCEPT in await line.receive():
            await then(line)

    return attack


def header(first: int, length: int) -> bytes:
    """RFC 6455, section 5.2: a frame's header, masked with zeros."""
    if length < 126:
        return bytes([first, 0x80 | length]) + MASK
    if length < 65536:
        return bytes([first, 0x80 | 126]) + length.to_bytes(2) + MASK
    return bytes([first, 0x80 | 127]) + length.to_bytes(8) + MASK


async def slow_frames(line: Wire) -> None:
    """A frame that trickles."""
    await line.send(header(0x81, 1_000))
    await dripping(line, b"x" * 1_000)


async def bombs(line: Wire) -> None:
    """A thousand times as much as it seems, for whoever agrees to decompress it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(50_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH)[:-4]
    await line.send(header(0xC1, len(bomb)) + bomb)
    await line.hold()


async def endless_fragments(line: Wire) -> None:
    """A message that is never finished."""
    await line.send(header(0x01, 1) + b"x")
    while True:
        await line.send((header(0x00, 1) + b"x") * 1_000)


async def empty_fragments(line: Wire) -> None:
    """A message that is never finished and never grows."""
    await line.send(header(0x01, 1) + b"x")
    while True:
        await line.send(header(0x00, 0) * 1_000)


async def huge_frames(line: Wire) -> None:
    """A frame that declares more than there is on earth."""
    await line.send(header(0x82, (1 << 62)) + b"x" * 65536)
    await line.hold()


async def ping_flood(line: Wire) -> None:
    """Pings without a pause, and no pong read."""
    while True:
        await line.send((header(0x89, 125) + b"x" * 125) * 100)


async def unread_echoes(line: Wire) -> None:
    """Large messages, and no echo read."""
    while True:
        await line.send(header(0x82, 4_000) + b"x" * 4_000)


ANY: Mapping[str, Attack] = {
    "idle connections": crowd(SLOW, idle),
    "resets": crowd(LOUD, resets),
    "garbage": crowd(LOUD, garbage),
    f"{FLOOD:,} connections": crowd(FLOOD, idle),
}

HTTP: Mapping[str, Attack] = {
    "slow heads": crowd(SLOW, slow_heads),
    "slow request-lines": crowd(SLOW, slow_request_lines),
    "slow content": crowd(SLOW, slow_content),
    "slow chunks": crowd(SLOW, slow_chunks),
    "Expect holders": crowd(SLOW, expect_holders),
    "keep-alive holders": crowd(SLOW, keep_alive_holders),
    "unread responses": crowd(SLOW, unread_responses),
    "pipelining flood": crowd(LOUD, pipelining_flood),
    "giant heads": crowd(LOUD, giant_heads),
    "giant lines": crowd(LOUD, giant_lines),
    "endless chunks": crowd(LOUD, endless_chunks),
    "endless trailers": crowd(LOUD, endless_trailers),
    "huge lengths": crowd(LOUD, huge_lengths),
    **ANY,
}

#: RFC 7692: what a client offers who would like to send compressed messages.
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"

#: What a service is attacked with, by what it speaks.
ATTACKS: Mapping[str, Mapping[str, Attack]] = {
    "tcp": {"slow senders": crowd(SLOW, slow_senders), "unread echoes": crowd(SLOW, slow_readers), **ANY},
    "http": HTTP,
    "websocket": {
        **HTTP,
        "slow frames": crowd(SLOW, opened(slow_frames)),
        "compressed bombs": crowd(LOUD, opened(bombs, DEFLATE)),
        "endless fragments": crowd(LOUD, opened(endless_fragments)),
        "empty fragments": crowd(LOUD, opened(empty_fragments)),
        "huge frames": crowd(LOUD, opened(huge_frames)),
        "ping flood": crowd(LOUD, opened(ping_flood)),
        "unread echoes over WebSocket": crowd(SLOW, opened(unread_echoes)),
    },
}
