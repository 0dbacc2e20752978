"""What the client can do at most: its rate against servers that do nothing but their protocol."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bench.orders import Goal, Window
from bench.started import start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.load import Load
    from bench.suites import Protocol

__all__ = ["Nulls", "null_servers"]


class Nulls:
    """A null server for each protocol."""

    def __init__(self, ports: dict[Protocol, int], pids: list[int]) -> None:
        self.ports = ports
        self.pids = pids

    def rate(self, load: Load, protocol: Protocol, users: int, payload: int, seconds: float) -> float:
        """Exchanges a second of one window."""
        goal = Goal(protocol, "127.0.0.1", self.ports[protocol], "echo", "/echo", payload=payload)
        load.open(goal, users)
        outcome = load.run(Window(seconds))
        load.let_go()
        return outcome.ok / outcome.seconds


@contextmanager
def null_servers(protocols: Sequence[Protocol]) -> Iterator[Nulls]:
    """Start them, and end them."""
    with ExitStack() as stack:
        servers = {
            protocol: stack.enter_context(start("loadtests.null", protocol))
            for protocol in dict.fromkeys(protocols)
        }
        yield Nulls(
            {protocol: server.address.port for protocol, server in servers.items()},
            [server.pid for server in servers.values()],
        )
