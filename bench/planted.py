"""A server with a known fault: `python -m bench.planted --busy 5`. The bench has to find what was planted.

It speaks as much HTTP as our client does, a thread a connection, and does exactly what it is told: so many ms
of processor time more for each request, or of sleep, every so-many-th reply dropped or spoiled, or all of it
standing still for a while at regular times. `/healthz` tells how many requests it has read.
"""

from __future__ import annotations

import argparse
import json
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import count

__all__ = ["Fault", "main"]


@dataclass
class Fault:
    """What is planted. Times in seconds; 0 is nothing."""

    busy: float = 0.0
    sleep: float = 0.0
    drop: int = 0
    """One reply in so many is not given; the connection is closed."""
    corrupt: int = 0
    """One reply in so many has a byte that is not right."""
    stall: float = 0.0
    """For so long nothing is answered …"""
    every: float = 2.0
    """… each time that so much has passed."""
    requests: count[int] = field(default_factory=lambda: count(1))
    """Hands out their numbers. One step of an iterator in C, so no two threads get the same."""
    read: int = 0

    def reply(self, content: bytes) -> bytes | None:
        """The content of a reply; None for none. Takes the time that it should."""
        number = next(self.requests)
        if self.stall and (into := time.monotonic() % self.every) < self.stall:
            time.sleep(self.stall - into)
        if self.sleep:
            time.sleep(self.sleep)
        until = time.thread_time() + self.busy
        while self.busy and time.thread_time() < until:
            pass
        if self.drop and number % self.drop == 0:
            return None
        if self.corrupt and number % self.corrupt == 0:
            return bytes([content[0] ^ 1]) + content[1:]
        return content


def serve(connection: socket.socket, fault: Fault, lock: threading.Lock) -> None:
    """One connection, until it ends."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = b""
    with connection:
        while True:
            while b"\r\n\r\n" not in buffer:
                if not (data := connection.recv(65536)):
                    return
                buffer += data
            head, _, buffer = buffer.partition(b"\r\n\r\n")
            length = content_length(head)
            while len(buffer) < length:
                if not (data := connection.recv(65536)):
                    return
                buffer += data
            content, buffer = buffer[:length], buffer[length:]
            with lock:
                fault.read += 1
                read = fault.read
            if b" /healthz " in head.split(b"\r\n")[0]:
                reply: bytes | None = json.dumps({"status": "ok", "requests": read}).encode()
            else:
                reply = fault.reply(content or b"ok")
            if reply is None:
                return
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(reply), reply))


def content_length(head: bytes) -> int:
    """What the request says of its content."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def begin(connection: socket.socket, fault: Fault, lock: threading.Lock) -> None:
    """A thread for a connection; one that its client breaks off just ends."""
    try:
        serve(connection, fault, lock)
    except OSError:
        return


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.planted", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--busy", type=float, default=0.0, metavar="MS")
    parser.add_argument("--sleep", type=float, default=0.0, metavar="MS")
    parser.add_argument("--drop", type=int, default=0, metavar="N")
    parser.add_argument("--corrupt", type=int, default=0, metavar="N")
    parser.add_argument("--stall", type=float, default=0.0, metavar="MS")
    parser.add_argument("--every", type=float, default=2000.0, metavar="MS")
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT")
    given = parser.parse_args()
    host, _, port = given.listen.rpartition(":")
    fault = Fault(
        given.busy / 1e3, given.sleep / 1e3, given.drop, given.corrupt, given.stall / 1e3, given.every / 1e3
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    lock = threading.Lock()
    with socket.create_server((host, int(port)), backlog=256) as listener:
        sys.stderr.write(f"listening on {host}:{listener.getsockname()[1]}\n")
        sys.stderr.flush()
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=begin, args=(connection, fault, lock), daemon=True).start()


if __name__ == "__main__":
    main()
