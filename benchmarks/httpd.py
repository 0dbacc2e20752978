"""What ``httpd`` is worth beside the servers that people install (``make bench-httpd``).

Each server is one process, pinned to one core; wrk with 64 connections has the other. The servers take turns.
All say the same octets of content; ours checks as much of every request as it always does. Four minutes.
"""

import argparse
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.httpd_peers import HELLO, nginx, peers, processor_time, started
from benchmarks.rounds import LOAD_CORE, Claim, Server, interleave, machine, pinned, record, serving, table

PAGE = Path(__file__).parent.parent / "docs" / "benchmarking.md"

CONNECTIONS, IDLE, FILE = 64, 5_000, 1 << 20

#: What an idle keep-alive connection may cost.
IDLE_BYTES = 4 * 1024

#: A server that leaves so much of its core alone was not the limit: the load was.
LIMITED = 0.9

ECHO = """
wrk.method = "POST"
wrk.body = string.rep("x", 64)
wrk.headers["Content-Type"] = "application/octet-stream"
"""


@dataclass
class Costs:
    """What was measured of each server beside its rate: processor time per request, and how busy it was."""

    each: dict[str, list[float]] = field(default_factory=dict)  # seconds
    busy: dict[str, list[float]] = field(default_factory=dict)  # share of the core

    def note(self, name: str, seconds: float, requests: int, took: float) -> None:
        """One round."""
        self.each.setdefault(name, []).append(seconds / requests)
        self.busy.setdefault(name, []).append(seconds / took)

    def table(self) -> str:
        """The costs as a table in Markdown."""
        head = "| | processor time per request | its core was busy |\n|---|---|---|"
        rows = [
            f"| {name} | {median(each) * 1e6:,.1f} µs | {median(self.busy[name]):.0%}{self.mark(name)} |"
            for name, each in self.each.items()
        ]
        return "\n".join([head, *rows])

    def mark(self, name: str) -> str:
        """Was it the load that was measured?"""
        return " (client-limited)" if median(self.busy[name]) < LIMITED else ""

    def rates(self, name: str) -> list[float]:
        """Requests for each second of processor time."""
        return [1 / seconds for seconds in self.each[name]]


def load(server: Server, path: str, seconds: int, script: str | None) -> tuple[int, float]:
    """Put wrk on a server. How many requests were answered, and in how many seconds."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *(["-s", script] if script else [])]
    command.append(f"http://127.0.0.1:{server.port}{path}")
    done = subprocess.run(pinned(LOAD_CORE, command), check=True, capture_output=True, text=True)
    found = re.search(r"(\d+) requests in ([0-9.]+)(s|m)", done.stdout)
    if not found or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"{path}: the server did not answer as it should:\n{done.stdout}{done.stderr}")
    return int(found[1]), float(found[2]) * (60 if found[3] == "m" else 1)


@contextmanager
def everything(folder: Path) -> Iterator[dict[str, Server]]:
    """All servers, waiting for their turns."""
    key = {"SECRET_KEY": "a key that signs nothing, for a benchmark"}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(started(command, "/hello/" if "Django" in name else "/hello", **key))
            for name, command in peers().items()
        }
        servers["nginx"] = stack.enter_context(nginx(folder))
        files = [sys.executable, "-m", "benchmarks.httpd_files", str(folder)]
        servers["httpd, files"] = stack.enter_context(serving(files))
        yield servers


class Round:
    """What the measurements of one run share."""

    def __init__(self, servers: Mapping[str, Server], options: argparse.Namespace, costs: Costs) -> None:
        self.servers, self.options, self.costs = servers, options, costs

    def rates(self, names: Sequence[str], path: str, script: str | None = None) -> dict[str, list[float]]:
        """Requests a second of some servers, in rounds. Begins with a second that does not count."""
        for name in names:
            load(self.servers[name], path, 1, script)
        contenders = {name: partial(self.rate, name, path, script) for name in names}
        return interleave(contenders, self.options.rounds, path)

    def rate(self, name: str, path: str, script: str | None) -> float:
        """Requests a second of one server, once."""
        server = self.servers[name]
        before = processor_time(server)
        requests, took = load(server, path, self.options.seconds, script)
        self.costs.note(noted(name, path), processor_time(server) - before, requests, took)
        return requests / took


def noted(name: str, path: str) -> str:
    """What the costs of a server are called, by what it was asked for."""
    return name if path.startswith("/hello") else f"{name}, {path}"


#: Ours and theirs, and what is to be reached: (what, path, ours, theirs, ratio).
WANTED = [
    ("`GET /hello` against uvicorn, bare ASGI", "/hello", "httpd", "uvicorn", 2.0),
    ("the same, against granian, WSGI", "/hello", "httpd", "granian", 1.3),
    ("the same, against nginx `return 200`", "/hello", "httpd", "nginx", 0.75),
    ("WSGI hello in the loop, against granian", "/hello", "httpd WSGI in the loop", "granian", 1.0),
    ("WSGI hello in 4 threads, against gthread", "/hello", "httpd WSGI in 4 threads", "gthread", 2.0),
    # As the stack runs it, with the threads that gthread has; then in the loop, one request at a time.
    ("Django on our worker, 4 threads, against gthread", "/hello/", "Django on our worker, 4 threads",
     "Django on gthread", 1.6),
    ("the same, against granian", "/hello/", "Django on our worker, 4 threads", "Django on granian", 1.0),
    ("the same, against uWSGI", "/hello/", "Django on our worker, 4 threads", "Django on uWSGI", 1.0),
    ("Django on our worker, in the loop, against gthread", "/hello/", "Django on our worker",
     "Django on gthread", 1.6),
    ("the same, against granian", "/hello/", "Django on our worker", "Django on granian", 1.0),
    ("the same, against uWSGI", "/hello/", "Django on our worker", "Django on uWSGI", 1.0),
    ("`POST /echo` of 64 bytes, against uvicorn, bare ASGI", "/echo", "httpd", "uvicorn", 1.8),
    ("a file of 1 MiB, against nginx with sendfile", "/file.bin", "httpd, files", "nginx", 0.7),
]  # fmt: skip


def claims(options: argparse.Namespace, costs: Costs) -> list[Claim]:
    """Measure everything but memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's worker is somebody else
        (folder / "file.bin").write_bytes(os.urandom(FILE))
        script = folder / "echo.lua"
        script.write_text(ECHO)
        with everything(folder) as servers:
            run = Round(servers, options, costs)
            figures: dict[str, dict[str, list[float]]] = {}
            for path in dict.fromkeys(path for _, path, *_ in WANTED):
                names = dict.fromkeys(name for _, at, *both, _ in WANTED if at == path for name in both)
                figures[path] = run.rates([*names], path, str(script) if path == "/echo" else None)
    return [
        Claim(what, figures[path][ours], figures[path][theirs], "/s", ratio)
        for what, path, ours, theirs, ratio in WANTED
    ]


def by_processor(costs: Costs) -> list[Claim]:
    """The same claims by processor time, which tells something even where the load was the limit."""
    return [
        Claim(what, costs.rates(noted(ours, path)), costs.rates(noted(theirs, path)), "/s", ratio)
        for what, path, ours, theirs, ratio in WANTED
    ]


def idle_bytes() -> float:
    """What a connection costs that has had its answer and says no more."""
    limits = f"connections={IDLE * 2},idle=300"
    command = [sys.executable, "-m", "httpd", "--listen", "127.0.0.1:0", "--limits", limits]
    with serving(command) as server, ExitStack() as stack:
        load(server, "/hello", 1, None)
        before = server.memory()
        for _ in range(IDLE):
            connection = stack.enter_context(socket.create_connection((server.host, server.port)))
            connection.sendall(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while not answer.endswith(HELLO.encode()):
                answer += connection.recv(4096)
        return (server.memory() - before) / IDLE


def main() -> int:
    """Measure, print, and record if that is asked for."""
    parser = argparse.ArgumentParser("python -m benchmarks.httpd", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="of each measurement (9)")
    parser.add_argument("--seconds", type=int, default=1, help="that a server is under load in a round (1)")
    parser.add_argument("--record", action="store_true", help="write the tables into docs/benchmarking.md")
    options = parser.parse_args()
    if (os.cpu_count() or 1) < 2:
        parser.error("needs two cores, one for the server and one for the load")
    if shutil.which("wrk") is None:
        parser.error("wrk is missing: install it, it is the load")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    costs = Costs()
    rows = claims(options, costs)
    shares = by_processor(costs)
    each = idle_bytes()
    how = f"medians of {options.rounds} interleaved rounds of {options.seconds} s, {CONNECTIONS} connections."
    text = "\n\n".join(
        [
            f"{machine()}; {how}",
            "By the clock, in requests a second:",
            table(rows),
            "By processor time, in requests for each second of it:",
            table(shares),
            f"{IDLE:,} idle keep-alive connections: {each:,.0f} bytes each, of {IDLE_BYTES:,} at most.",
            costs.table(),
        ]
    )
    print(text)  # noqa: T201 - what this is for
    if options.record:
        record(PAGE, "bench-httpd", text)
    return 0 if each <= IDLE_BYTES and all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
