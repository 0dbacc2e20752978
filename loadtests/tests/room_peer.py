"""A room with planted faults, over every transport: `python room_peer.py FAULT EVERY`.

Prints its ports: of HTTP and WebSocket, and of lines. Every EVERY-th message meets the fault, at every
transport. On SIGUSR1, and on SIGTERM before it ends, it prints as JSON what it has done; the users' figures
are compared with that. It is for one listener of each transport.
"""

import asyncio
import base64
import hashlib
import json
import os
import re
import signal
import sys
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3

PATIENCE = 0.3
"""Seconds after which a message that waits to be swapped with the next one is told as it is."""


class Cut(Exception):  # noqa: N818 - the planted end of a connection
    """The connection ends here."""


class Room:
    """One log, and what goes wrong for whom."""

    def __init__(self, fault, every):
        self.fault = fault
        self.every = every
        self.log = []
        self.authors = {}
        self.grown = asyncio.Condition()
        self.posted = 0
        self.planted = {}
        self.starts = {}
        self.deliveries = 0

    def report(self):
        planted = {kind: sorted(numbers) for kind, numbers in self.planted.items()}
        counts = {"posted": self.posted, "log": len(self.log), "planted": planted, "starts": self.starts}
        sys.stdout.write(f"{json.dumps(counts)}\n")
        sys.stdout.flush()

    def plant(self, kind, number):
        self.planted.setdefault(kind, set()).add(number)

    async def post(self, text, author="x"):
        """Give its number."""
        self.posted += 1
        number = len(self.log) + 1
        if self.fault == "unlogged" and number > self.every:
            return number + self.posted
        if self.fault == "stall" and self.posted % self.every == 0:
            self.plant("post", self.posted)
            time.sleep(0.4)  # noqa: ASYNC251 - everybody waits, as for a garbage collection
        self.log.append(text)
        self.authors[len(self.log)] = author
        async with self.grown:
            self.grown.notify_all()
        return len(self.log)

    async def grow(self, after, seconds=None):
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self.grown:
                await self.grown.wait_for(lambda: len(self.log) > after)

    async def tell(self, kind, after):
        """Messages that follow, with their faults, and the number reached. Raises Cut."""
        number = after + 1
        text = self.log[after]
        if number % self.every:
            return [(number, text)], number
        match self.fault:
            case "lose":
                self.plant(kind, number)
                return [], number
            case "double":
                self.plant(kind, number)
                return [(number, text)] * 2, number
            case "corrupt":
                self.plant(kind, number)
                return [(number, text.replace("...", "..!", 1))], number
            case "swap":
                await self.grow(number, PATIENCE)
                if len(self.log) > number:
                    self.plant(kind, number)
                    return [(number + 1, self.log[number]), (number, text)], number + 1
            case "cut" if self.cuts(kind, number):
                self.plant(kind, number)
                raise Cut
        return [(number, text)], number

    def cuts(self, kind, number):
        """Is this the message that ends a connection, once?"""
        return self.fault == "cut" and number % self.every == 0 and number not in self.planted.get(kind, ())

    async def page(self, kind, after):
        """All that follows, for whoever asks; a Cut waits until what comes before it was told.

        Else who has fallen behind would be cut off many times in a row, and wait longer each time.
        """
        told = []
        self.starts.setdefault(kind, after)
        while after < len(self.log) and not (told and self.cuts(kind, after + 1)):
            more, after = await self.tell(kind, after)
            told += more
        return told


def message(number, text):
    return {"number": number, "author": "x", "text": text, "time": "2026-01-01T00:00:00.000Z"}


def page(room, messages):
    return {"messages": [message(*one) for one in messages], "last": len(room.log), "missed": 0}


async def http(room, reader, writer):
    while head := await reader.readuntil(b"\r\n\r\n"):
        target = urlsplit(head.split(b" ")[1].decode())
        given = {name: values[-1] for name, values in parse_qs(target.query).items()}
        after = int(given.get("after", 0))
        length = int((re.search(rb"content-length: *(\d+)", head, re.IGNORECASE) or [0, 0])[1])
        content = await reader.readexactly(length)
        status = "200 OK"
        match target.path.rpartition("/")[2]:
            case "messages" if head.startswith(b"POST"):
                text = json.loads(content)["text"]
                number = await room.post(text)
                status, answer = "201 Created", message(number, text)
            case "messages" if "limit" in given:
                log = [text.replace("...", "..?", 1) if room.fault == "forge" else text for text in room.log]
                numbered = list(enumerate(log, 1))
                answer = page(room, numbered[after : after + int(given["limit"])])
            case "messages":
                answer = page(room, await room.page("polling", after))
            case "wait":
                await room.grow(after, 10)
                answer = page(room, await room.page("long polling", after))
            case "events":
                after = int(re.search(rb"last-event-id: *(\d+)", head, re.IGNORECASE)[1])
                await stream(room, after, writer)
                return
            case _:
                await websocket(room, after, head, reader, writer)
                return
        content = json.dumps(answer).encode()
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)


async def follow(room, kind, after, tell):
    """Tell everything that follows, for ever."""
    room.starts.setdefault(kind, after)
    while True:
        await room.grow(after)
        told, after = await room.tell(kind, after)
        for one in told:
            tell(*one)


async def stream(room, after, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")

    def chunk(number, text):
        event = f"id: {number}\ndata: {json.dumps(message(number, text))}\n\n".encode()
        # In two chunks, as a message may well be cut.
        for piece in (event[:20], event[20:]):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    await follow(room, "stream", after, chunk)


async def websocket(room, after, head, reader, writer):
    key = re.search(rb"sec-websocket-key: *(\S+)", head, re.IGNORECASE)[1]
    accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept
    )

    def tell(**found):
        data = json.dumps(found).encode()
        size = bytes((len(data),)) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2)
        writer.write(b"\x81" + size + data)

    async def hear():
        while True:
            first, size = await reader.readexactly(2)
            length = size & 0x7F
            if length == 126:
                length = int.from_bytes(await reader.readexactly(2))
            mask = await reader.readexactly(4)
            data = await reader.readexactly(length)
            if first & 0x0F == 8:
                raise Cut
            found = json.loads(bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))
            tell(type="ack", number=await room.post(found["text"]), ref=found["ref"])

    tell(type="welcome", room="x", last=len(room.log), names=[], here=0)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hear())
        tasks.create_task(
            follow(room, "websocket", after, lambda *one: tell(type="message", **message(*one)))
        )


async def lines(room, reader, writer):
    writer.write(b"* This is a room.\n")
    _, place, name, after = (await reader.readline()).decode().split()
    after = int(after.removeprefix("after="))
    writer.write(f"* {name}, you are in {place}; its last message is {len(room.log)}.\n".encode())

    async def hear():
        while line := await reader.readline():
            await room.post(line.decode().rstrip("\n"), name)
        raise Cut

    def tell(number, text):
        writer.write(f"{number} {room.authors.get(number, 'x')}: {text}\n".encode())

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hear())
        tasks.create_task(follow(room, "tcp", after, tell))


async def part(reader, writer):
    """Say that this is the end, and let the client have what was said before: closed with something unread,
    the kernel would reset the connection and take it back.
    """
    with suppress(OSError, TimeoutError):
        writer.write_eof()
        async with asyncio.timeout(2):
            while await reader.read(65536):
                pass


async def main(fault, every):
    room = Room(fault, int(every))

    def served(handler):
        async def serve(reader, writer):
            try:
                await handler(room, reader, writer)
            except* (Cut, ConnectionError, asyncio.IncompleteReadError):
                pass  # planted, or the client went away
            finally:
                await part(reader, writer)
                writer.close()

        return serve

    servers = [await asyncio.start_server(served(handler), "127.0.0.1", 0) for handler in (http, lines)]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, room.report)
    sys.stdout.write(" ".join(str(server.sockets[0].getsockname()[1]) for server in servers) + "\n")
    sys.stdout.flush()
    await stop.wait()
    room.report()
    # Its clients are still there, and see it go as they would see a crash: nothing is closed in good order.
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
