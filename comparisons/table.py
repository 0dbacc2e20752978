"""The nouns of a comparison: what is asked, who answers, and by which way. README.md explains every field.

A table is read without any candidate being installed, so this needs the standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.suites import Job, Protocol
    from comparisons.arena import Arena

__all__ = ["CONNECTIONS", "Behind", "Candidate", "Comparison", "Exchange", "Way", "on_server"]

CONNECTIONS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is asked, and what must come back."""

    job: Job
    protocol: Protocol
    path: str = ""
    expected: str = ""
    name: str = ""
    rate: float = 0.0
    connections: tuple[int, ...] = ()
    everywhere: bool = False
    """May its servers use the load's core as well? For what takes them long, and the load next to nothing."""

    @property
    def title(self) -> str:
        """For people, and in an entry's name."""
        return self.name or self.job


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One that is compared with others: one entry of a table."""

    name: str
    title: str
    command: str
    server: str
    settings: str
    reason: str
    packages: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    group: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    exchanges: tuple[Exchange, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def belongs(self) -> str:
        """Whose environment and image it runs in."""
        return self.group or self.name


def on_server(
    name: str,
    title: str,
    command: str,
    settings: str,
    reason: str,
    *packages: str,
    **common: Any,  # noqa: ANN401 - fields of a Candidate
) -> Candidate:
    """One of those that differ in their server only, which therefore is their title; the rest is `common`."""
    return Candidate(
        name=name,
        title=title,
        command=command,
        server=title,
        settings=settings,
        reason=reason,
        packages=packages,
        **common,
    )


class Behind(NamedTuple):
    """A candidate, as a way's configuration sees it."""

    name: str
    protocol: Protocol
    address: str
    """Where it answers, HOST:PORT."""
    host: str
    port: int
    """Where the way has to listen for it."""
    tmp: str
    """A folder that may be written to."""


@dataclass(frozen=True, slots=True)
class Way:
    """An nginx between the load and the candidates, with a port for each of them."""

    name: str
    configure: Callable[[Sequence[Behind]], str]
    """Makes the whole of its configuration."""
    protocols: tuple[Protocol, ...] = ("http", "ws")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A suite: candidates that are compared with each other."""

    name: str
    title: str
    question: str
    candidates: tuple[Candidate, ...]
    exchanges: tuple[Exchange, ...] = ()
    connections: tuple[int, ...] = (CONNECTIONS,)
    ways: tuple[Way, ...] = ()
    rate: float = 500.0
    open_seconds: float = 1.0
    closed_seconds: float = 1.0
    rounds: int = 3
    conformance: bool = True
    measure: Callable[[Arena], list[dict[str, Any]]] | None = None
    report: Callable[[list[dict[str, Any]]], str] | None = None
    method: tuple[str, ...] = ()
    """The report's, in ten lines, of a `measure` of its own."""
    seconds: float = 240.0
    """What a `measure` of its own takes, about."""
    unasked: Mapping[str, str] = field(default_factory=dict)
    """What this run of it leaves out, and why."""

    def exchanges_of(self, candidate: Candidate) -> tuple[Exchange, ...]:
        """Its own, or the suite's."""
        return candidate.exchanges or self.exchanges
