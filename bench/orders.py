"""What the generator is told, and what it answers: lines of JSON.

The generator is a process of its own, so that it can be kept to a core and its cost told from everything
else's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from loadtests.histogram import Histogram

if TYPE_CHECKING:
    from bench.suites import Job, Protocol

__all__ = ["NO_REPLY", "Goal", "Outcome", "Window"]

COUNTS: Final = (
    "sent",
    "ok",
    "failed",
    "wrong",
    "missed",
    "refused",
    "reconnects",
    "seconds",
    "held",
    "processor",
)
"""What adds up."""


NO_REPLY: Final = "no reply"
"""Why a connection is not served that is open, and over which nothing comes."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Where the load goes, and what is asked there."""

    protocol: Protocol
    host: str
    port: int
    job: Job
    path: str = ""
    expected: str = ""
    payload: int = 64
    timeout: float = 5.0
    log_host: str = ""
    log_port: int = 0
    """Where a room's messages are posted."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Window:
    """How long, and how fast: so many a second in an open loop, or 0 for a closed one."""

    seconds: float
    rate: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Outcome:
    """What came of one window, or of several that were added up."""

    sent: int = 0
    """Requests that went out, whole, or as far as the server let them."""
    ok: int = 0
    failed: int = 0
    """Of those that were sent."""
    wrong: int = 0
    """Of those that failed: a reply came, and it was not the right one."""
    missed: int = 0
    """Requests that were due and never sent."""
    refused: int = 0
    """Tries to connect that failed; nothing was sent."""
    reconnects: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    """Reasons, of the failed and of the refused."""
    seconds: float = 0.0
    """From the beginning until the last reply."""
    held: float = 0.0
    """Seconds of all users together in a closed loop, each from its first request to its last reply."""
    processor: float = 0.0
    """Seconds that the generator used meanwhile."""
    latency: Histogram = field(default_factory=Histogram)
    lateness: Histogram = field(default_factory=Histogram)
    """By how much requests were sent later than due although their connection was free: the generator's own
    fault."""

    def add(self, other: Outcome) -> None:
        """Take another's figures."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for reason, count in other.failures.items():
            self.failures[reason] = self.failures.get(reason, 0) + count
        self.latency.merge(other.latency)
        self.lateness.merge(other.lateness)

    def as_json(self) -> dict[str, Any]:
        members = {name: getattr(self, name) for name in self.__slots__}
        return {**members, "latency": self.latency.pack(), "lateness": self.lateness.pack()}

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        histograms = {name: Histogram.unpack(members[name]) for name in ("latency", "lateness")}
        return cls(**{**members, **histograms})
