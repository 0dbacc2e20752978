"""The same protocol under other concurrency models, and what becomes of each when its handler takes 5 ms.

The protocols and the handlers are the same objects under every model: `serving` drives them. Two kinds of
handler tell the models apart. One waits 5 ms, as for a database; one computes for 5 ms. tcp's waits as a
coroutine would: it asks to be woken. httpd's waits as a function does: it blocks, which stalls a loop. With
threads beside the loop it does not; these stand in the table too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bench.suites import GREETING
from comparisons.table import Candidate, Comparison, Exchange

__all__ = ["SUITE"]

CONNECTIONS: Final = (1, 16, 256, 2000)

SLOW_RATE: Final = 100.0
"""Half of what a server can do that takes 5 ms for each and serves one at a time."""

SLOW_TCP: Final = "comparisons.apps.models_tcp"

SLOW_HTTPD: Final = "comparisons.apps.models_httpd"

LOOPS: Final = ("selector", "asyncio", "uvloop")

POOL: Final = 64
"""Threads beside a loop: many more than the offered rate needs, and a limit that 256 connections show."""

ECHO: Final = Exchange(job="echo", protocol="tcp", connections=CONNECTIONS)

HELLO: Final = Exchange(
    job="hello", protocol="http", path="/hello", expected=GREETING, connections=CONNECTIONS
)


def slow(name: str, *connections: int) -> tuple[Exchange, Exchange]:
    """The echo of a handler that takes 5 ms, and the same as a page."""
    echo = Exchange(
        job="echo", protocol="tcp", name=f"echo-{name}", rate=SLOW_RATE, connections=connections,
        everywhere=name == "compute",
    )  # fmt: skip
    return echo, replace(
        echo, job="hello", protocol="http", name=f"hello-{name}", path=f"/{name}", expected=GREETING
    )


ECHO_COMPUTE, HELLO_COMPUTE = slow("compute", 16)
"""Who computes is as busy with few connections as with many, which would only queue. Some hundred requests a
second cost the load next to nothing, so its core may compute too: else two cores would show what one does.
"""

ECHO_WAIT, HELLO_WAIT = slow("wait", 16, 256, 2000)

FEW: Final = slow("wait", 16)
"""For models that serve no more than that. They find out late that the others have gone: what was sent before
the end is answered nevertheless, one after the other, 5 ms each.
"""

STALLED: Final = slow("wait", 16, 256)
"""For loops that a handler stalls: two thousand connections would wait ten seconds for their turn."""


@dataclass(frozen=True, slots=True)
class Model:
    """One of `serving`'s ways to drive a protocol."""

    name: str
    option: str
    settings: str
    reason: str

    few: bool = False
    """Does it serve no more connections than it has processes?"""

    def candidate(self, name: str, server: str, module: str, *exchanges: Exchange) -> Candidate:
        """A service under this model. All run in one environment, and one image: only uvloop is not ours."""
        return Candidate(
            name=f"{name}-{self.name.partition(',')[0]}",
            title=self.name,
            command=f"{{python}} -m {module} --listen {{host}}:{{port}} {self.option}",
            packages=("uvloop>=0.22",),
            versions=("uvloop",) if "uvloop" in self.option else (),
            uses=("serving", "tcp", "httpd"),
            group="models",
            server=server,
            settings=self.settings,
            reason=self.reason,
            exchanges=exchanges,
        )

    def candidates(self) -> tuple[Candidate, ...]:
        """tcp and httpd under this model, with handlers that take no time, wait, and compute.

        Not all in one process, and two thousand connections last: as many threads take a while to end, which
        the next turn would pay for.
        """
        echo_wait, hello_wait = FEW if self.few else (ECHO_WAIT, HELLO_WAIT)
        if self.name in LOOPS:
            hello_wait = STALLED[1]
        return (
            self.candidate("tcp", "tcp", "tcp --protocol echo", ECHO),
            self.candidate("tcp-wait", "tcp, waits to be woken", f"{SLOW_TCP} --job wait", echo_wait),
            self.candidate("tcp-compute", "tcp, computes", f"{SLOW_TCP} --job compute", ECHO_COMPUTE),
            self.candidate("httpd", "httpd", SLOW_HTTPD, HELLO),
            self.candidate("httpd-slow", "httpd, blocks or computes", SLOW_HTTPD, HELLO_COMPUTE, hello_wait),
        )

    def with_pool(self) -> Candidate:
        """The same loop, and threads beside it for what blocks."""
        return replace(
            self,
            name=f"{self.name}, {POOL} threads",
            option=f"{self.option} --threads {POOL}",
            settings=f"{self.settings}, and {POOL} threads for what blocks",
            reason="The cure for a call that blocks in a loop, as asynchronous frameworks have it: as many "
            "can wait at once as there are threads.",
        ).candidate("httpd-pool", "httpd, blocks or computes", SLOW_HTTPD, HELLO_COMPUTE, HELLO_WAIT)


MODELS: Final = (
    Model(
        "iterative", "--model iterative", "1 process, 1 thread",
        "The server of the tutorials: it serves one connection to its end, and then the next.", few=True,
    ),
    Model(
        "threads", "--model threads", "1 process, a thread for each connection",
        "Blocking code as one writes it for one peer; a stack and a switch for each of them is the price.",
    ),
    Model(
        "prefork", "--model prefork --processes 8", "8 processes, one connection at a time in each",
        "Eight is the default of serving, four for each core of a small machine: more connections than "
        "processes wait for one to end.", few=True,
    ),
    Model(
        "selector", "--model selector", "1 process, 1 thread, epoll",
        "I/O multiplexing by hand, the stack's default: the kernel says which of thousands can go on.",
    ),
    Model(
        "asyncio", "--model asyncio", "1 process, 1 thread, the standard library's loop",
        "The same idea as everybody has it at hand.",
    ),
    Model(
        "uvloop", "--model asyncio --loop uvloop", "1 process, 1 thread, libuv's loop",
        "The loop that uvicorn and Sanic take where they can: asyncio's interface on libuv.",
    ),
)  # fmt: skip

SUITE: Final = Comparison(
    name="models",
    title="The same protocol under other concurrency models",
    question="Who serves how many connections, and what if a handler waits 5 ms, or computes for 5 ms?",
    candidates=(
        *(candidate for model in MODELS for candidate in model.candidates()),
        *(model.with_pool() for model in MODELS if model.name in LOOPS),
    ),
    conformance=False,  # the same protocol under each, which services/httpd/tests try under all of them
    open_seconds=0.5,
    closed_seconds=0.5,
    rounds=2,
)
