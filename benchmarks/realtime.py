"""What ``realtime`` is worth beside Channels as its documentation shows it (``make bench-realtime``).

Both run on the same uvicorn, with the same configuration, and share a Redis that writes its log to disk. The
server that is measured has a core to itself; the load and Redis have the other one. They take turns. Then
each way to listen to a room, at one and at twenty messages a second. About four minutes.
"""

import argparse
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from rooms.redis_server import RedisServer

from benchmarks.realtime_load import Clocks, Crowd, Work, echoes, receipts, spread
from benchmarks.realtime_transports import processor, transports
from benchmarks.rounds import LOAD_CORE, Claim, Server, interleave, machine, record, serving, table

PAGE = Path(__file__).parent.parent / "docs" / "benchmarking.md"

CONNECTIONS, IDLE = 64, 1_000

#: What an idle listener may cost.
IDLE_BYTES = 25 * 1024

#: A load on a server.
Measure = Callable[[Clocks], Work]


def commands(redis: str) -> dict[str, list[str]]:
    """The contenders, by name; `env` sets what they read from their environment."""
    # Without its limit on how fast one client may talk, which is not what is measured.
    environment = ["env", f"REDIS_URL={redis}", "REALTIME_POSTS_A_SECOND=1000000"]
    return {
        "ours": [*environment, sys.executable, "-m", "realtime", "--listen", "127.0.0.1:0"],
        "stock": [*environment, sys.executable, "-m", "benchmarks.realtime_stock"],
    }


class Rates:
    """Messages a second, of the clock's and of the server's own processor time.

    The second is what is left of the first where others use the machine too: what a message costs is nobody
    else's.
    """

    def __init__(self, server: Server, measure: Measure) -> None:
        self.clocks = clocks(server)
        self.measure = measure
        self.by_processor: list[float] = []

    def __call__(self) -> float:
        """Measure once, and return the rate by the clock."""
        work = self.measure(self.clocks)
        if work.processor:
            self.by_processor.append(work.count / work.processor)
        return work.count / work.seconds


def clocks(server: Server) -> Clocks:
    """A server's clocks."""
    return Clocks(server.port, lambda: processor(server.process.pid))


def compared(
    servers: Mapping[str, Server], what: str, measure: Measure, rounds: int, wanted: float
) -> list[Claim]:
    """Both servers under one load, after a round that does not count."""
    interleave({name: Rates(server, measure) for name, server in servers.items()}, 1, f"{what}, warming up")
    rates = {name: Rates(server, measure) for name, server in servers.items()}
    clock = interleave(rates, rounds, what)
    claims = [Claim(what, clock["ours"], clock["stock"], "/s", wanted)]
    ours, stock = rates["ours"].by_processor, rates["stock"].by_processor
    if ours:
        claims.append(Claim("… a second of the server's processor time", ours, stock, "/s", wanted))
    return claims


def claims(redis: str, rounds: int, seconds: float) -> list[Claim]:
    """Measure both servers against each other."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(command)) for name, command in commands(redis).items()}
        what: list[tuple[str, Measure, float]] = [
            ("echo, 64 connections, 64 bytes", lambda server: echoes(server, CONNECTIONS, seconds), 2.5),
            ("one room, 100 listeners, deliveries", lambda server: spread(server, 100, seconds), 5.0),
            ("one room, 1,000 listeners, deliveries", lambda server: spread(server, 1000, seconds), 5.0),
            ("post to receipt, one listener, as 1 / p50", lambda server: receipts(server, seconds), 0.83),
        ]
        return [
            claim
            for name, measure, wanted in what
            for claim in compared(servers, name, measure, rounds, wanted)
        ]


def idle_bytes(redis: str) -> float:
    """What a listener costs who hears nothing, in a server that has grown to its working size."""
    with serving(commands(redis)["ours"]) as server:
        spread(clocks(server), 10, 0.5)
        before = server.memory()
        with Crowd(server.port, "/ws/rooms/idle", IDLE) as crowd:
            crowd.settle()
            return (server.memory() - before) / IDLE


def main() -> int:
    """Measure, print, and record if that is asked for."""
    parser = argparse.ArgumentParser("python -m benchmarks.realtime", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement (5)")
    parser.add_argument(
        "--seconds", type=float, default=1.5, help="that a server is under load in a round (1.5)"
    )
    parser.add_argument("--record", action="store_true", help="write the tables into docs/benchmarking.md")
    options = parser.parse_args()
    if (os.cpu_count() or 1) < 2:
        parser.error("needs two cores, one for the server and one for the load")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < 2 * IDLE:
        parser.error(f"needs {2 * IDLE:,} descriptors and may have {most:,}: raise the limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.sched_setaffinity(0, {LOAD_CORE})
    # As the stack's own Redis: the log is on disk within a second.
    with (
        tempfile.TemporaryDirectory() as folder,
        RedisServer(Path(folder), "--appendfsync", "everysec") as redis,
    ):
        rows = claims(redis.url, options.rounds, options.seconds)
        each = idle_bytes(redis.url)
        ways = transports(redis.url)
    text = "\n\n".join(
        [
            f"{machine()}; medians of {options.rounds} interleaved rounds of {options.seconds:g} s.",
            table(rows),
            f"{IDLE:,} idle listeners: {each / 1024:.1f} KiB each beyond the start, of 25 at most.",
            ways,
        ]
    )
    print(text)  # noqa: T201 - what this is for
    if options.record:
        record(PAGE, "bench-realtime", text)
    return 0 if each <= IDLE_BYTES and all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
