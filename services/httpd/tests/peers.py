"""Servers as processes of their own, and a client that writes octets as they are."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).parent
PATIENCE = 20.0

MODELS = ("iterative", "threads", "prefork", "selector", "asyncio")


class Server:
    """A process that listens; its standard error is kept."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, pattern: bytes) -> None:
        self.process, self.log = process, log
        wait_until(lambda: re.search(pattern, log.read_bytes()) or process.poll() is not None, "to listen")
        match = re.search(pattern, log.read_bytes())
        assert match, f"it ended with {process.poll()}:\n{log.read_text()}"
        self.port = int(match[1])

    def connect(self, **options: int) -> socket.socket:
        connection = socket.socket()
        for name, value in options.items():
            connection.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def ask(self, octets: bytes) -> bytes:
        """Send, say that this was all, and read to the end."""
        with self.connect() as connection:
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            return read_all(connection)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


@contextmanager
def run(
    command: Sequence[str], log: Path, pattern: bytes = rb"listening on [^\n]*:(\d+)\n", **environ: str
) -> Iterator[Server]:
    """Run a server, from the folder of the tests; whatever happens, end it."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *command], stderr=file, stdout=file, cwd=TESTS, env={**os.environ, **environ}
        )
    try:
        yield Server(process, log, pattern)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def httpd(log: Path, *arguments: str):
    """Run ``python -m httpd``."""
    return run(["-m", "httpd", "--listen", "127.0.0.1:0", *arguments], log)


def wait_until(condition, what: str) -> None:
    """Wait for something to become true, for a bounded time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain {what}"
        time.sleep(0.005)


def read_all(connection: socket.socket) -> bytes:
    """Read to the end of file."""
    octets = b""
    while piece := connection.recv(65536):
        octets += piece
    return octets


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Read until what was read ends with something."""
    octets = b""
    while not octets.endswith(end):
        piece = connection.recv(65536)
        assert piece, f"it ended after {octets!r}"
        octets += piece
    return octets


def readable(connection: socket.socket, seconds: float) -> bool:
    return bool(select.select([connection], [], [], seconds)[0])
