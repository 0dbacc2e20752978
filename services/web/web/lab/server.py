"""A WSGI server that lives for one request: started, asked over a socket, stopped.

Who opens and who closes: `call` starts a process group of its own and ends it before it returns, whatever
happens between. Nothing a visitor types is in a command; it goes over the socket, to loopback only.
"""

import contextlib
import json
import os
import platform
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import IO

from django.conf import settings

from web.environment import Address
from web.lab.conversation import Conversation, converse
from web.lab.problem import Unreachable

__all__ = ["SERVERS", "Note", "Server", "call", "places"]

#: Servers are four processes for a moment: one visitor at a time in each of ours.
places = threading.BoundedSemaphore(1)

#: Seconds for a server to start. On an idle machine they need a third of one.
START = 15.0

#: Seconds for the request. What is never answered is waited for this long.
ASK = 6.0

#: Seconds to stop by itself, which all of them do at once; then the group is killed.
STOP = 3.0

#: The most that a server's own words about its start may be before it is given up.
MOST_WORDS = 32 * 1024

#: What httpd and Gunicorn write when they accept connections; the other two are told to write the same.
LISTENING = re.compile(rb"(?:listening on |Listening at: http://)127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class Server:
    """One of the four: what it is, and how it is started by hand."""

    name: str
    title: str
    says: str

    @property
    def version(self) -> str:
        """Return which one it is; the standard library's is as old as its Python."""
        if self.name == "wsgiref":
            return f"Python {platform.python_version()}"
        return "of this stack" if self.name == "httpd" else version(self.name)


SERVERS = {
    server.name: server
    for server in [
        Server(
            "wsgiref",
            "wsgiref",
            "The standard library's: the contract in its shortest form, one request at a time.",
        ),
        Server("werkzeug", "Werkzeug", "What flask run starts: for development, with a thread a request."),
        Server(
            "httpd",
            "httpd",
            "Ours, written by hand: one loop for the sockets, four threads for applications.",
        ),
        Server(
            "gunicorn",
            "Gunicorn",
            "What this site runs on: a master that watches workers, four threads in each.",
        ),
    ]
}


@dataclass(frozen=True)
class Note:
    """What the application was handed: names and values as Python writes them."""

    environ: dict[str, str] = field(default_factory=dict)
    process: frozenset[str] = frozenset()  # names that came from the server's own process, not the request
    content: bytes = b""


def call(
    server: Server, pieces: Sequence[bytes], *, pause: float, finished: Callable[[bytes], bool]
) -> tuple[Conversation, Note | None]:
    """Have a server of this kind answer one request; return what went over the wire, and the note.

    There is no note where the server has not called its application. Raises `Unreachable`.
    """
    with tempfile.TemporaryFile() as notes, running(server, notes) as address:
        talk = converse(
            address, pieces, pause=pause, half_close=False, finished=finished, deadline=ASK, silence=ASK
        )
        notes.seek(0)
        return talk, read(notes.readline())


def read(line: bytes) -> Note | None:
    """Read a line of the application's."""
    if not line.endswith(b"\n"):
        return None
    fields = json.loads(line)
    return Note(fields["environ"], frozenset(fields["process"]), fields["content"].encode("latin-1"))


@contextlib.contextmanager
def running(server: Server, notes: IO[bytes]) -> Iterator[Address]:
    """Start a server and stop it; between, it listens. Raises `Unreachable`."""
    process = subprocess.Popen(  # noqa: S603 (the name is one of the four)
        [sys.executable, "-m", "web.lab.host", server.name],
        stdin=subprocess.DEVNULL,
        stdout=notes,
        stderr=subprocess.PIPE,
        env=settings.LAB_SERVERS_ENVIRONMENT,
        start_new_session=True,
    )
    with process:
        try:
            yield Address("127.0.0.1", port(process))
        finally:
            stop(process)


def port(process: subprocess.Popen[bytes]) -> int:
    """Wait until the server says where it listens."""
    assert process.stderr is not None  # noqa: S101 (for mypy: it is a pipe)
    deadline, words = time.monotonic() + START, b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr, selectors.EVENT_READ)
        while len(words) < MOST_WORDS and selector.select(max(0.0, deadline - time.monotonic())):
            piece = os.read(process.stderr.fileno(), 4096)
            words += piece
            if found := LISTENING.search(words):
                return int(found[1])
            if not piece:
                break
    last = words.decode("utf-8", "replace").strip().rpartition("\n")[2]
    raise Unreachable(f"The server has not started: {last or 'it says nothing'}.")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to stop, and then make sure."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):  # it has gone already
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP)
