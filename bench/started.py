"""Servers that are started for a measurement, and what a bench needs to know of them."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.complaint import Complaint
from bench.counts import by_healthz
from bench.hops import Hop, accounts, tree
from bench.load import ROOT
from bench.site import Site
from loadtests.addresses import Address, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.suites import Via

__all__ = ["Started", "site_of", "start"]


class Started:
    """A server that runs, and says where."""

    def __init__(self, process: subprocess.Popen[str], address: Address) -> None:
        self.process = process
        self.address = address

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid


@contextmanager
def start(*words: str) -> Iterator[Started]:
    """Start a module of ours that says ``listening on HOST:PORT`` on standard error; end it afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        said = ""
        while not (found := re.search(r"listening on ([\d.]+):(\d+)\n", said)):
            line = process.stderr.readline() if process.stderr else ""
            if not line:
                raise Complaint(f"{' '.join(words)} did not begin to listen: {said.strip()}")
            said += line
        yield Started(process, Address(found[1], int(found[2])))
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def site_of(servers: Mapping[str, Started], *, count: bool = True) -> Site:
    """A site of these, by service; all are reached directly."""

    def target(service: str, via: Via) -> Target:
        return Target(servers[service].address, "", via)

    return Site(
        "native",
        target,
        {name: Hop(name, tree(each.pid), limits=accounts(each.pid)) for name, each in servers.items()},
        {name: by_healthz(each.address) for name, each in servers.items()} if count else {},
    )
