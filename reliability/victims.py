"""A service alone, on a port of its own, with as few descriptors as an attack wants to use up."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rooms.redis_server import RedisServer

from bench.hops import Hop, tree
from reliability.guests import Address

__all__ = ["VICTIMS", "Victim", "victim"]

#: The services by name, with the arguments of ``python -m`` that start each.
VICTIMS: Mapping[str, tuple[str, ...]] = {
    "tcp": ("tcp", "--protocol", "echo"),
    "httpd": ("httpd",),
    "realtime": ("realtime",),
}

#: How many descriptors a victim may have.
DESCRIPTORS = 2_048

#: How long a service may take to begin, in seconds.
PATIENCE = 20.0

LISTENING = re.compile(r"listening on ([0-9.]+):([0-9]+)\n")


@dataclass(frozen=True, slots=True)
class Victim:
    """A service that runs."""

    name: str
    process: subprocess.Popen[bytes]
    address: Address
    log: IO[bytes]

    def hop(self) -> Hop:
        """Its process and all that it has started."""
        return Hop(self.name, tree(self.process.pid))

    def said(self) -> str:
        """All that it has written to standard error."""
        return os.pread(self.log.fileno(), 1 << 26, 0).decode(errors="replace")


@contextmanager
def victim(name: str) -> Iterator[Victim]:
    """Start a service by its name, and end it; realtime with a Redis of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = dict(os.environ)
        if name == "realtime":
            environment["REDIS_URL"] = stack.enter_context(RedisServer(folder)).url
        module, *options = VICTIMS[name]
        log = stack.enter_context((folder / "log").open("w+b"))
        process = subprocess.Popen(
            [
                "prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}",
                sys.executable, "-m", module, "--listen", "127.0.0.1:0", *options,
            ],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        stack.callback(end, process)
        yield Victim(name, process, announced(process, log), log)


def end(process: subprocess.Popen[bytes]) -> None:
    """Have a process end, by force if it does not by itself."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def announced(process: subprocess.Popen[bytes], log: IO[bytes]) -> Address:
    """Where a service says that it listens."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if found := LISTENING.search(os.pread(log.fileno(), 65536, 0).decode(errors="replace")):
            return found[1], int(found[2])
        time.sleep(0.02)
    text = os.pread(log.fileno(), 65536, 0).decode(errors="replace")
    raise RuntimeError(f"{process.args!r} did not begin to listen: {text}")
