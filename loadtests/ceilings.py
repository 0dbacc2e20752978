"""How fast one Locust process is with our clients and with others: `python -m loadtests.ceilings`.

Each client runs against a null server of its protocol, the server on one core and the client on another where
there are two, in rounds (A B C, A B C), so that what else the machine does meets all alike. The figure is the
median.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["CONTESTS", "Contest", "main"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

OURS = HERE / "locustfile.py"
OTHERS = HERE / "rivals.py"
EFFORT = HERE / "effort.py"


class Rate(NamedTuple):
    """Exchanges for each second of the client's processor time, and for each second of the clock."""

    a_core: float
    a_second: float


@dataclass
class Contest:
    """Our user, another's, and how much faster ours has to be."""

    protocol: str
    ours: str
    variable: str
    other: str
    wanted: float
    rates: dict[str, list[Rate]] = field(default_factory=dict)

    def median(self, name: str) -> Rate:
        """Of all rounds; each of the two figures by itself."""
        rounds = self.rates[name]
        return Rate(*(statistics.median(figures) for figures in zip(*rounds, strict=True)))

    @property
    def ratio(self) -> float:
        """How much faster ours is, from the medians."""
        return self.median(self.ours).a_core / self.median(self.other).a_core

    @property
    def reached(self) -> bool:
        """Whether that is as much as was wanted."""
        return self.ratio >= self.wanted


CONTESTS = (
    ("tcp", "TcpEcho", "TCP_ECHO_ADDRESS", "bare gevent loop", 0.8),
    ("http", "HttpdEcho", "HTTPD_ADDRESS", "FastHttpEcho", 2.5),
    ("http", "HttpdEcho", "HTTPD_ADDRESS", "RequestsEcho", 2.5),
    ("ws", "RealtimeEcho", "REALTIME_ADDRESS", "WebSocketClientEcho", 1.3),
)
"""Protocol, our user, the variable that holds its address, the other, and the ratio wanted."""


class CeilingError(Exception):
    """A run that gave no figure; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write. Exit status 0 if ours are as much faster as they should be, 1 if not."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.ceilings", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--seconds", type=int, default=5, help="for each run (default: 5)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each client (default: 3)")
    parser.add_argument("--users", type=int, default=10, help="connections at once (default: 10)")
    parser.add_argument("--results", type=Path, default=ROOT / "results", help="folder (default: results/)")
    options = parser.parse_args(arguments)
    contests = [Contest(*contest) for contest in CONTESTS]
    print(f"{'':<25}{'a core':>10}{'a second':>12}")  # noqa: T201 - a command line program's output
    try:
        for _ in range(options.rounds):
            for contest in contests:
                play(contest, options.users, options.seconds)
    except CeilingError as error:
        print(f"{error}", file=sys.stderr)  # noqa: T201 - a command line program's output
        return 2
    write(contests, options.results)
    return 0 if all(contest.reached for contest in contests) else 1


def play(contest: Contest, users: int, seconds: int) -> None:
    """One run of each of the two, one after the other, against the same server."""
    with null_server(contest.protocol) as address:
        addresses = {contest.variable: address, "RIVAL_ADDRESS": address}
        for name in (contest.ours, contest.other):
            if name == "bare gevent loop":
                rate = bare(addresses, users, seconds)
            else:
                rate = locust(OURS if name == contest.ours else OTHERS, name, addresses, users, seconds)
            contest.rates.setdefault(name, []).append(rate)
            print(f"{contest.protocol:<5}{name:<20}{rate.a_core:>10,.0f}{rate.a_second:>12,.0f}", flush=True)  # noqa: T201


@contextmanager
def null_server(protocol: str) -> Iterator[str]:
    """A null server in a process of its own; gives its address."""
    command = [*pinned(0), sys.executable, "-m", "loadtests.null", protocol]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        try:
            line = server.stderr.readline() if server.stderr else ""
            yield line.removeprefix("listening on ").strip()
        finally:
            server.terminate()


def pinned(core: int) -> list[str]:
    """What keeps a command on one core, where there are two and a program to do so."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    found = any(Path(folder, "taskset").exists() for folder in os.get_exec_path())
    return ["taskset", "-c", str(cores[core])] if found and len(cores) > 1 else []


def bare(addresses: dict[str, str], users: int, seconds: int) -> Rate:
    """The loop without Locust."""
    command = [*pinned(1), sys.executable, "-m", "loadtests.rivals", str(users), str(seconds)]
    done, took = map(float, finished(command, addresses).stdout.split())
    return Rate(done / took, done / seconds)


def locust(file: Path, name: str, addresses: dict[str, str], users: int, seconds: int) -> Rate:
    """One Locust process, from its first exchange to its last. All of them have to be right."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*pinned(1), sys.executable, "-m", "locust", "-f", f"{file},{EFFORT}", "--headless"]
        command += ["-u", str(users), "-r", "100", "-t", f"{seconds}s", "--only-summary"]
        command += ["--via", "direct"] if file == OURS else []
        addresses = addresses | {"EFFORT_FILE": f"{folder}/effort"}
        finished([*command, "--json-file", f"{folder}/run", name], addresses)
        try:
            took, counted = json.loads(Path(folder, "effort").read_text())
            [line] = json.loads(Path(folder, "run.json").read_text())
            return Rate(
                counted / took, line["num_requests"] / (line["last_request_timestamp"] - line["start_time"])
            )
        except (OSError, ValueError, ZeroDivisionError) as error:
            raise CeilingError(f"{name} did nothing for {seconds} s: leave the machine more time.") from error


def finished(command: list[str], addresses: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run it to its end. Raises CeilingError if that isn't a good one."""
    environment = os.environ | addresses
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CeilingError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done


def write(contests: Sequence[Contest], results: Path) -> None:
    """The table, for people; the same as a CSV file, with every round."""
    folder = results / f"{datetime.datetime.now().astimezone():%Y-%m-%d-%H%M%S}-ceilings"
    folder.mkdir(parents=True)
    with (folder / "ceilings.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["protocol", "ours", "a core", "other", "a core", "ratio", "wanted", "rounds"])
        for one in contests:
            ours, other = one.median(one.ours).a_core, one.median(one.other).a_core
            table.writerow([one.protocol, one.ours, ours, one.other, other, one.ratio, one.wanted, one.rates])
            verdict = "" if one.reached else ": too slow"
            print(  # noqa: T201 - a command line program's output
                f"{one.ours:<13}{ours:>9,.0f}  {one.other:<20}{other:>9,.0f}"
                f"  ratio {one.ratio:.2f}, wanted {one.wanted}{verdict}"
            )
    print(f"\nCSV: {folder}")  # noqa: T201 - a command line program's output


if __name__ == "__main__":
    sys.exit(main())
