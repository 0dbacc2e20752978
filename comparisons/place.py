"""Where candidates run: as local processes or in containers. This is what the two have in common."""

from __future__ import annotations

import re
import shlex
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.hops import Hop
    from bench.suites import Protocol as Asked
    from comparisons.table import Behind, Candidate, Way
    from loadtests.addresses import Address

__all__ = [
    "PATIENCE",
    "LeftOut",
    "Place",
    "Running",
    "Up",
    "last_line",
    "versions_of",
    "versions_script",
    "wait",
    "words",
]

PATIENCE: Final = 40.0
"""Seconds for all candidates to begin to listen: a score of interpreters on two cores."""

NAME: Final = re.compile(r"[\w.-]+")
"""Of a requirement, the distribution's."""

LINE: Final = 300
"""Characters of a reason."""


class LeftOut(Exception):  # noqa: N818 - it is not the program's error
    """A candidate that can't take part; the message is the reason, in a sentence."""


@dataclass(frozen=True)
class Running:
    """A candidate, or a way, that runs."""

    name: str
    address: Address
    hop: Callable[[], Hop]
    """Its processes by now."""
    ended: Callable[[], str]
    """Its last words if it has ended, else nothing."""
    versions: dict[str, str] = field(default_factory=dict)
    ports: Mapping[str, Address] = field(default_factory=dict)
    """A way's: where it listens for each candidate."""


@dataclass(frozen=True)
class Up:
    """Who runs, and who does not and why."""

    running: dict[str, Running] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


class Place(Protocol):
    """Who makes one, calls `down` at its end; one thread may use it."""

    mode: str
    road: str

    def up(self, candidates: Sequence[Candidate], say: Callable[[str], None]) -> Up:
        """Install and start; each ends up in one of the two tables."""

    def behind(self, running: Running, protocol: Asked, number: int) -> Behind:
        """A candidate as a way's configuration sees it, the way's `number`-th."""

    def front(self, way: Way, behind: Sequence[Behind]) -> Running:
        """Start a way. Raises LeftOut."""

    def down(self) -> None:
        """End all that was started, whatever state it is in."""


def words(command: str, values: Mapping[str, str]) -> list[str]:
    """A command line with its placeholders filled, as a list: no shell sees it."""
    return [word.format_map(values) for word in shlex.split(command)]


def last_line(text: str) -> str:
    """What a program said last: its reason, as programs go."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = lines[-1] if lines else "it says nothing"
    return line if len(line) <= LINE else f"{line[:LINE]}…"


def versions_script(candidate: Candidate) -> tuple[str, ...]:
    """Arguments with which its Python tells its own version and those of its distributions, a line each."""
    script = (
        "import platform, sys; from importlib import metadata; print('python', platform.python_version()); "
        "[print(name, metadata.version(name)) for name in sys.argv[1:]]"
    )
    return (
        "-c",
        script,
        *(candidate.versions or NAME.findall(candidate.packages[0] if candidate.packages else "")[:1]),
    )


def versions_of(said: str) -> dict[str, str]:
    """What it has told."""
    return dict(line.split(maxsplit=1) for line in said.splitlines() if " " in line)


def wait(waiting: Mapping[str, Running], up: Up) -> None:
    """Until each takes connections, has ended, or has had its time; `up` gets them all."""
    left = dict(waiting)
    deadline = time.monotonic() + PATIENCE
    while left:
        for name, each in list(left.items()):
            if listens(each.address):
                up.running[name] = left.pop(name)
            elif (said := each.ended()) or time.monotonic() > deadline:
                del left[name]
                up.left_out[name] = f"it did not start: {said or f'no answer within {PATIENCE:g} s'}"
        if left:
            time.sleep(0.05)


def listens(address: Address) -> bool:
    """Does anybody take a connection there?"""
    try:
        socket.create_connection(address, 1.0).close()
    except OSError:
        return False
    return True
