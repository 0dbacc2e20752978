"""A server with planted faults: `python peers.py {tcp,http,ws} FAULT EVERY PORT SIZE`.

Prints its port. Every EVERY-th request meets the fault; over TCP a request has SIZE bytes. On SIGUSR1,
and on SIGTERM before it ends, it prints as JSON how many requests it has had and how many of them met the
fault: that is what the client's figures are compared with.
"""

import asyncio
import json
import os
import signal
import socket
import struct
import sys
import time

from websockets.asyncio.server import serve as serve_websocket
from websockets.exceptions import ConnectionClosed

GREETING = b"Hello, World! This is an HTTP response."


class Plant:
    """Counts requests, and says which of them go wrong."""

    def __init__(self, fault, every, size):
        self.size = size
        self.fault = fault
        self.every = every
        self.requests = 0
        self.planted = 0
        self.connections = 0

    def report(self):
        counts = {"requests": self.requests, "planted": self.planted, "connections": self.connections}
        sys.stdout.write(f"{json.dumps(counts)}\n")
        sys.stdout.flush()

    def next(self):
        """The fault that this request meets, or the empty string."""
        self.requests += 1
        if self.fault == "none" or self.requests % self.every:
            return ""
        self.planted += 1
        return self.fault


def corrupt(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def reset(transport):
    """End with a reset, not with an end of stream."""
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()


async def tcp(plant, reader, writer):
    while data := await read_exactly(reader, plant.size):
        match plant.next():
            case "drop":
                return
            case "reset":
                reset(writer.transport)
                return
            case "corrupt":
                data = corrupt(data)
            case "silent":
                continue
            case "stall":
                time.sleep(0.2)  # noqa: ASYNC251 - everybody waits, as for a garbage collection
            case "extra":
                data += b"!"
        writer.write(data)


async def http(plant, reader, writer):
    while head := await read_head(reader):
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        content = await reader.readexactly(length) if length else GREETING
        status = b"200 OK"
        match plant.next():
            case "drop":
                return
            case "reset":
                reset(writer.transport)
                return
            case "corrupt":
                content = corrupt(content)
            case "silent":
                continue
            case "extra":
                content = content[:-1] + b"\x00\x00"
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (length, content))
                continue
            case "status":
                status = b"503 Service Unavailable"
            case "close":
                writer.write(
                    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
                    % (len(content), content)
                )
                return
        writer.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(content), content))


async def read_exactly(reader, size):
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError:
        return b""


async def read_head(reader):
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def ws(plant, peer):
    plant.connections += 1
    try:
        async for data in peer:
            match plant.next():
                case "drop":
                    await peer.close(1011, "planted")
                    return
                case "reset":
                    reset(peer.transport)
                    return
                case "corrupt":
                    await peer.send(corrupt(data))
                case "":
                    await peer.send(data)
    except ConnectionClosed:
        return


async def main(kind, fault, every, port, size):
    plant = Plant(fault, int(every), int(size))
    handler = {"tcp": tcp, "http": http}.get(kind)

    async def stream(reader, writer):
        plant.connections += 1
        try:
            await handler(plant, reader, writer)
        except ConnectionError:
            pass  # the client went away
        finally:
            writer.close()

    if handler:
        server = await asyncio.start_server(stream, "127.0.0.1", int(port))
        port = server.sockets[0].getsockname()[1]
    else:
        server = await serve_websocket(lambda peer: ws(plant, peer), "127.0.0.1", int(port), compression=None)
        port = next(iter(server.sockets)).getsockname()[1]
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, plant.report)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await stop.wait()
    plant.report()
    # Its clients are still there, and see it go as they would see a crash: nothing is closed in good order.
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
