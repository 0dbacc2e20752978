"""What can be measured: tables of candidates. A new suite is a table here, and nothing elsewhere.

A candidate says what is asked and what must come back. Where it answers is the stack's affair (`stack.py`),
for every candidate whose service is one of the stack's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bench.complaint import Complaint
from comparisons.suites import NAMES

__all__ = ["SUITES", "Candidate", "Job", "Protocol", "Suite", "find"]

Protocol = Literal["tcp", "http", "ws", "room"]
Job = Literal["echo", "hello", "polling", "long polling", "stream", "websocket", "tcp"]
Via = Literal["direct", "nginx"]

GREETING: Final = "Hello, World! This is an HTTP response."


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to measure."""

    name: str
    """What RUNG= takes."""
    service: str
    """The process or container that does it."""
    protocol: Protocol
    job: Job
    adds: str
    """For people: what it has that the one beneath has not."""
    number: int = 0
    """Its place on the ladder."""
    path: str = ""
    expected: str = ""
    """The content of a right reply; for an echo, what was sent."""
    stands_on: str | None = None
    """The candidate whose cost is beneath this one's in the picture."""
    process: str = ""
    """Whose processes serve it, where they go by another name."""
    called: str = ""
    """What people call it, where that isn't the service and the job."""

    @property
    def title(self) -> str:
        """For people."""
        if self.called:
            return self.called
        return self.job if self.protocol == "room" else f"{self.service} {self.job}"


@dataclass(frozen=True, slots=True)
class Suite:
    """Candidates that are compared with each other."""

    name: str
    title: str
    question: str
    candidates: tuple[Candidate, ...]
    ways: tuple[Via, ...] = ("direct", "nginx")
    unit: str = "request"
    """What is counted, and what a cost is for."""
    rate: float = 500.0
    """Of requests, or of posts, a second, unless told otherwise."""
    open_seconds: float = 1.8
    closed_seconds: float = 1.1
    """0 where there is no closed loop: nobody listens faster than somebody speaks."""

    def candidate(self, name: str) -> Candidate:
        """By its name. Raises Complaint, which names them all."""
        for candidate in self.candidates:
            if candidate.name == name:
                return candidate
        known = ", ".join(candidate.name for candidate in self.candidates)
        raise Complaint(
            f"there is no {name or 'rung without a name'} in the suite {self.name}: it has {known}"
        )


LADDER: Final = Suite(
    "ladder",
    "What each layer costs",
    "The same two jobs at every layer of the stack: what does each one add?",
    (
        Candidate("tcp-echo", "tcp", "tcp", "echo", "a listener, a connection, bytes", 1),
        Candidate(
            "httpd-hello", "httpd", "http", "hello", "HTTP/1.1 written by hand, without content",
            2, "/hello", GREETING, "tcp-echo",
        ),
        Candidate(
            "httpd-echo", "httpd", "http", "echo", "HTTP/1.1 written by hand, with content",
            2, "/echo", stands_on="tcp-echo",
        ),
        Candidate(
            "httpd-wsgi-echo", "httpd-wsgi", "http", "echo", "PEP 3333: server and application apart",
            3, "/echo", stands_on="httpd-echo",
        ),
        Candidate(
            "web-hello", "web", "http", "hello", "Django's routing, middleware and views, on Gunicorn",
            4, "/hello/", GREETING, "httpd-hello",
        ),
        Candidate(
            "web-echo", "web", "http", "echo", "Django on Gunicorn, with content",
            4, "/echo", stands_on="httpd-wsgi-echo",
        ),
        Candidate(
            "realtime-echo", "realtime", "ws", "echo", "ASGI, Channels, a WebSocket that stays open",
            5, "/ws/echo", stands_on="tcp-echo",
        ),
    ),
)  # fmt: skip

PUSH: Final = Suite(
    "push",
    "What it costs to be told",
    "One posts, many hear it: what does a message to one listener cost by each way, and how late is it?",
    (
        Candidate("push-polling", "web", "room", "polling", "asks again and again, five times a second", 1),
        Candidate("push-long-polling", "realtime", "room", "long polling", "asks, and the answer waits", 2),
        Candidate("push-stream", "realtime", "room", "stream", "one response that never ends", 3),
        Candidate("push-websocket", "realtime", "room", "websocket", "frames both ways", 4),
        Candidate("push-tcp", "tcp-room", "room", "tcp", "lines", 5, process="tcp"),
    ),
    unit="delivered message",
    rate=20.0,
    open_seconds=2.0,
    closed_seconds=0.0,
)

SUITES: Final = {suite.name: suite for suite in (LADDER, PUSH)}


def find(name: str) -> Suite:
    """By its name. Raises Complaint, which names them all."""
    if name not in SUITES:
        raise Complaint(f"there is no suite {name}: choose one of {', '.join((*SUITES, *NAMES))}")
    return SUITES[name]
