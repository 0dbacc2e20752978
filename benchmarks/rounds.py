"""What every benchmark here does alike: servers on one core, the load on another, in rounds that take turns.

Noise on a machine comes in spells. Contenders that take turns, A B C A B C, meet the same spells, so their
ratio is steadier than either figure; the median of the rounds is reported, with the range beside it.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

__all__ = [
    "LOAD_CORE",
    "SERVER_CORE",
    "Claim",
    "Server",
    "compiled",
    "interleave",
    "machine",
    "record",
    "serving",
    "table",
]

SERVER_CORE, LOAD_CORE = 0, 1

#: How long a server may take to say that it listens.
PATIENCE = 20.0

LISTENING = re.compile(rb"listening on ([0-9.]+):([0-9]+)\n")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, pinned to its core."""

    process: subprocess.Popen[bytes]
    host: str
    port: int

    @property
    def address(self) -> list[str]:
        """Host and port, as words of a command line."""
        return [self.host, str(self.port)]

    def processor(self) -> float:
        """The seconds of processor time that its threads have used, to the nanosecond."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self) -> int:
        """The bytes of memory that its process has to itself and resident."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="ascii")
        return sum(
            int(line.split()[1]) * 1024
            for line in text.splitlines()
            if line.startswith(("Private_", "Swap:"))
        )


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """A command that runs on one core only."""
    return ["taskset", "--cpu-list", str(core), *command]


@contextmanager
def serving(command: Sequence[str]) -> Iterator[Server]:
    """Start a server that says ``listening on HOST:PORT`` on standard error, and stop it at the end."""
    with tempfile.TemporaryFile() as said:  # a pipe that nobody reads would hold the server up
        process = subprocess.Popen(pinned(SERVER_CORE, command), stderr=said)
        try:
            yield Server(process, *announced(process, said))
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Have a process end, by force if it does not by itself."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def announced(process: subprocess.Popen[bytes], said: IO[bytes]) -> tuple[str, int]:
    """Where a server that has just been started says that it listens."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if found := LISTENING.search(os.pread(said.fileno(), 65536, 0)):
            return found[1].decode(), int(found[2])
        time.sleep(0.02)
    text = os.pread(said.fileno(), 65536, 0).decode(errors="replace")
    raise RuntimeError(f"{process.args!r} did not begin to listen: {text}")


def compiled(source: Path) -> str:
    """The program that a C source makes, compiled when the source is newer."""
    folder = Path(os.environ.get("RUN_DIR", ".run")) / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / source.stem
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        command = ["cc", "-O2", "-Wall", "-Wextra", "-o", str(program), str(source)]
        try:
            subprocess.run(command, check=True)
        except FileNotFoundError:
            raise SystemExit(
                "a C compiler is missing: install gcc (the yardstick and the load are written in C)"
            ) from None
    return str(program)


def interleave(
    contenders: Mapping[str, Callable[[], float]], rounds: int, what: str
) -> dict[str, list[float]]:
    """Measure each contender once a round, taking turns. Each callable returns one figure."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds):
        for name, measure in contenders.items():
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{what}: round {turn + 1} of {rounds}, {name}\x1b[K")
            figures[name].append(measure())
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    return figures


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of a table: ours against a reference, and the ratio that is to be reached."""

    what: str
    ours: Sequence[float]
    reference: Sequence[float]
    unit: str
    wanted: float

    @property
    def ratio(self) -> float:
        """The median of the ratios of the rounds: what was measured side by side is divided side by side."""
        return median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        """Ours by the reference, a round each."""
        return [mine / theirs for mine, theirs in zip(self.ours, self.reference, strict=True)]

    @property
    def met(self) -> bool:
        """Is it reached?"""
        return self.ratio >= self.wanted

    def row(self) -> str:
        """A line of Markdown."""
        low, high = min(self.ratios), max(self.ratios)
        return (
            f"| {self.what} | {median(self.ours):,.0f} {self.unit} "
            f"| {median(self.reference):,.0f} {self.unit} | {self.ratio:.2f} ({low:.2f} to {high:.2f}) "
            f"| {self.wanted:g} | {'yes' if self.met else '**no**'} |"
        )


def table(claims: Sequence[Claim]) -> str:
    """The claims as a table in Markdown."""
    head = "| | ours | reference | ratio (range) | at least | met |\n|---|---|---|---|---|---|"
    return "\n".join([head, *(claim.row() for claim in claims)])


def machine() -> str:
    """What it was measured on, in a line."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "unknown processor",
    )
    kernel = os.uname().release
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{time.strftime('%Y-%m-%d')}, {cpu}, {os.cpu_count()} cores, Linux {kernel}, Python {python}"


def record(page: Path, name: str, text: str) -> None:
    """Put what was measured into a page, between ``<!-- name -->`` and ``<!-- /name -->``."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page} has no place for these figures: it needs {begin} and {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
