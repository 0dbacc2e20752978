"""A whole stack of our own: local processes in a folder of their own, on ports that were free just now."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import local
from bench.hops import Hop, tree
from bench.site import Site
from native import addresses, control
from native import settings as dotenv
from native.local import Local
from native.run_dir import RunDir
from native.settings import Settings
from native.suite import on_free_ports

__all__ = ["House", "house"]


@dataclass(frozen=True, slots=True)
class House:
    """A stack that runs."""

    run_dir: RunDir
    settings: Settings
    variables: Mapping[str, str]
    """The addresses, as every service is told them."""
    site: Site

    def hop(self, *services: str) -> Hop:
        """The processes of these services, as they are now."""
        known = control.states(self.run_dir)
        return Hop("+".join(services), tuple(pid for name in services for pid in tree(known[name].pid)))

    def said(self, *services: str) -> str:
        """All that these have logged."""
        return "".join(self.log(name).read_text(errors="replace") for name in services)

    def log(self, service: str) -> Path:
        """Where the supervisor keeps what one of them says."""
        return self.run_dir.logs / f"{service}.log"


@contextmanager
def house(name: str) -> Iterator[House]:
    """Bring one up in a folder of that name, and take it down. Its logs stay there."""
    run_dir = RunDir(RunDir.from_environment(os.environ).path / name)
    settings = on_free_ports(dotenv.read(os.environ))
    stack = Local(settings, run_dir, os.environ)
    if stack.exists:
        stack.down(data=True)  # one that was killed
    shutil.rmtree(run_dir.path, ignore_errors=True)
    stack.up()
    try:
        variables = addresses.variables(settings)
        yield House(run_dir, settings, variables, local.site(run_dir, settings, variables))
    finally:
        stack.down(data=True)
