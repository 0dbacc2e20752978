"""What ``serving``'s selector is worth: against C, uvloop and asyncio's streams (``make bench-serving``).

The server is pinned to one core and a load generator in C to another; the servers take turns. All exchange
the same bytes, and the load checks each of them. About three minutes.

The last table floods our models with connections past their limit, and asks what those inside notice.
"""

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from types import MappingProxyType

from benchmarks import serving_flood
from benchmarks.rounds import (
    LOAD_CORE,
    Claim,
    Server,
    compiled,
    interleave,
    machine,
    pinned,
    record,
    serving,
    table,
)

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarking.md"

CONNECTIONS, MESSAGE, LARGE, IDLE = 64, 64, 1 << 20, 10_000

#: Bytes that an idle connection may take.
MOST = 3 * 1024

#: What can be measured by itself.
PARTS = ("echo", "large", "accept", "idle", "flood")

#: A core that is used for so much of the time is what limits the rate.
BUSY = 0.9

#: Connections are opened for so much of a round: each stays in the kernel's tables (TIME_WAIT, connection
#: tracking) for two minutes after its end, and when those are full the kernel drops whoever comes.
ACCEPTING = 0.2

USAGE = (
    "| echo of 64 bytes | processor time | in the kernel | server's core | load's core | the limit |\n"
    "|---|---|---|---|---|---|"
)

CEILING = (
    "The yardstick in C is {:.2f} times as fast as streams here: no server can be much more. One that did "
    "nothing by itself, and took the kernel's part of C's time only, would be {:.2f} times as fast."
)

#: A limit that the load stays below; that there is a limit, and that it is checked, costs the same.
LIMITS = "connections=12000"


def commands() -> dict[str, list[str]]:
    """The contenders, by name."""
    python = sys.executable
    ours = [python, "-m", "tcp", "--listen", "127.0.0.1:0", "--protocol", "echo", "--limits", LIMITS]
    loops = [python, "-m", "benchmarks.echo_loops"]
    return {
        "selector": [*ours, "--model", "selector"],
        "C": [compiled(HERE / "echo.c"), "127.0.0.1", "0"],
        "uvloop": [*loops, "protocol", "uvloop"],
        "streams": [*loops, "streams", "asyncio"],
    }


@dataclass(slots=True)
class Usage:
    """What a server, and the load on it, did with their cores; a figure for each round."""

    each: list[float] = field(default_factory=list)  # seconds of the server's for one exchange
    server: list[float] = field(default_factory=list)  # of its core, 0 to 1
    load: list[float] = field(default_factory=list)
    ticks: list[tuple[int, int]] = field(
        default_factory=list
    )  # of the clock, in its program and in the kernel

    @property
    def kernel(self) -> float:
        """How much of its time the server spent in the kernel, 0 to 1; of all rounds, as ticks are coarse."""
        return sum(kernel for _, kernel in self.ticks) / max(1, sum(map(sum, self.ticks)))

    def row(self, name: str) -> str:
        """A line of Markdown, which names what was the limit."""
        server, load = median(self.server), median(self.load)
        limit = "the server" if server >= BUSY else "the load" if load >= BUSY else "other programs"
        each = median(self.each) * 1e6
        return (
            f"| {name} | {each:.2f} µs | {each * self.kernel:.2f} µs ({self.kernel:.0%}) "
            f"| {server:.0%} | {load:.0%} | {limit} |"
        )


#: How to load: the mode, connections, the size of a message, seconds.
Load = tuple[str, int, int, float]


def load(server: Server, what: Load, usage: Usage | None = None) -> float:
    """Put load on a server. What it did in a second: exchanges, or connections."""
    mode, connections, size, seconds = what
    command = [compiled(HERE / "load.c"), mode, *server.address, str(connections), str(size), str(seconds)]
    before, (program, kernel) = server.processor(), ticks(server)
    done = subprocess.run(pinned(LOAD_CORE, command), check=True, capture_output=True, text=True)
    used = server.processor() - before
    count, took, generator = done.stdout.split()
    if usage:
        after = ticks(server)
        usage.ticks.append((after[0] - program, after[1] - kernel))
        usage.each.append(used / max(1, int(count)))
        usage.server.append(used / float(took))
        usage.load.append(float(generator) / float(took))
    return int(count) / float(took)


def ticks(server: Server) -> tuple[int, int]:
    """How often the clock has found a server in its own program, and in the kernel on its behalf."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def rates(
    servers: Mapping[str, Server],
    names: Sequence[str],
    rounds: int,
    what: Load,
    usages: Mapping[str, Usage] = MappingProxyType({}),
) -> dict[str, list[float]]:
    """The rates of some of the servers under one load, in rounds. Begins with a round that does not count."""
    mode, connections, size, _ = what

    def measure(name: str, usage: Usage | None) -> Callable[[], float]:
        return lambda: load(servers[name], what, usage)

    interleave({name: measure(name, None) for name in names}, 1, f"{mode}, warming up")
    contenders = {name: measure(name, usages.get(name)) for name in names}
    return interleave(contenders, rounds, f"{mode}, {connections} connections, {size} bytes")


def memory(server: Server) -> float:
    """Bytes that a connection which says nothing costs, once the server has grown to its working size."""
    load(server, ("echo", CONNECTIONS, MESSAGE, 0.5))
    before = server.memory()
    command = [compiled(HERE / "load.c"), "idle", *server.address, str(IDLE)]
    with subprocess.Popen(pinned(LOAD_CORE, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as idle:
        assert idle.stdin is not None  # noqa: S101 - both were asked for
        assert idle.stdout is not None  # noqa: S101
        idle.stdout.readline()  # "open"
        load(server, ("echo", 1, MESSAGE, 0.2))  # by now it has accepted all that came before this
        after = server.memory()
        idle.stdin.close()
    return (after - before) / IDLE


def claims(parts: Sequence[str], rounds: int, seconds: float, usages: Mapping[str, Usage]) -> Iterator[Claim]:
    """Measure what is compared with others."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(command)) for name, command in commands().items()}
        if "echo" in parts:
            echo = rates(servers, list(usages), rounds, ("echo", CONNECTIONS, MESSAGE, seconds), usages)
            ours, of_64 = echo["selector"], "echo of 64 bytes, 64 connections, against C on epoll"
            yield Claim(of_64, ours, echo["C"], "/s", 0.85)
            yield Claim("the same, against `asyncio.Protocol` on uvloop", ours, echo["uvloop"], "/s", 1.0)
            yield Claim("the same, against `asyncio.start_server` streams", ours, echo["streams"], "/s", 3.0)
        if "large" in parts:
            large = rates(servers, ["selector", "C"], rounds, ("echo", 1, LARGE, seconds))
            of_1_mib = "echo of 1 MiB, one connection, against C on epoll"
            yield Claim(of_1_mib, large["selector"], large["C"], "/s", 0.8)
        if "accept" in parts:
            opening = ("accept", CONNECTIONS, MESSAGE, seconds * ACCEPTING)
            accept = rates(servers, ["selector", "uvloop"], rounds, opening)
            once = "accept, one exchange, close, against uvloop"
            yield Claim(once, accept["selector"], accept["uvloop"], "/s", 1.0)


def shares(rows: Sequence[Claim], usages: Mapping[str, Usage]) -> str:
    """Where an echo's time goes, and what that leaves to be won."""
    c, _, streams = rows[:3]
    ceiling = Claim("", c.reference, streams.reference, "/s", 0).ratio
    table = [USAGE, *(usage.row(name) for name, usage in usages.items())]
    return "\n\n".join([CEILING.format(ceiling, bound(usages)), "\n".join(table)])


def bound(usages: Mapping[str, Usage]) -> float:
    """How many times as fast as streams a server could be that cost nothing beside the kernel."""
    c, streams = usages["C"], usages["streams"]
    return median(streams.each) / (median(c.each) * c.kernel)


def main() -> int:
    """Measure, print, and record if that is asked for."""
    parser = argparse.ArgumentParser("python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="of each measurement (9)")
    parser.add_argument(
        "--seconds", type=float, default=1.5, help="that a server is under load in a round (1.5)"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="measure a part; may be repeated")
    parser.add_argument("--record", action="store_true", help="write the table into docs/benchmarking.md")
    options = parser.parse_args()
    parts = options.only or PARTS
    if options.record and options.only:
        parser.error("what is recorded is the whole: leave out --only")
    if (os.cpu_count() or 1) < 2:
        parser.error("needs two cores, one for the server and one for the load")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < IDLE + 200:
        parser.error(f"needs {IDLE + 200} descriptors and may have {most}: raise the limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    usages = {name: Usage() for name in ("selector", "C", "uvloop", "streams")}
    rows = list(claims(parts, options.rounds, options.seconds, usages))
    met = [row.met for row in rows]
    texts = [f"{machine()}; medians of {options.rounds} interleaved rounds of {options.seconds:g} s."]
    if rows:
        texts.append(table(rows))
    if "echo" in parts:
        texts.append(shares(rows, usages))
    if "idle" in parts:
        with serving(commands()["selector"]) as fresh:
            each = memory(fresh)
        met.append(each <= MOST)
        texts.append(
            f"{IDLE:,} idle connections: {each:,.0f} bytes each beyond the start, of {MOST:,} at most."
        )
    if "flood" in parts:
        floods = serving_flood.floods()
        met += [flood.met for flood in floods]
        texts.append(serving_flood.table(floods))
    print("\n\n".join(texts))  # noqa: T201 - what this is for
    if options.record:
        record(PAGE, "bench-serving", "\n\n".join(texts))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
