"""What the client can do at most: its rate against servers that do nothing but their protocol."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.complaint import Complaint
from bench.load import ROOT
from bench.orders import Goal, Window

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
    running: list[subprocess.Popen[str]] = []
    try:
        ports: dict[Protocol, int] = {}
        for protocol in dict.fromkeys(protocols):
            process = subprocess.Popen(
                [sys.executable, "-m", "loadtests.null", protocol],
                cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
            running.append(process)
            said = process.stderr.readline() if process.stderr else ""
            found = re.fullmatch(r"listening on [\d.]+:(\d+)\n", said)
            if not found:
                raise Complaint(f"the null server for {protocol} did not begin to listen: {said.strip()}")
            ports[protocol] = int(found[1])
        yield Nulls(ports, [process.pid for process in running])
    finally:
        for process in running:
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()
