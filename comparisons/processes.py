"""Candidates as local processes: each in a session of its own, its words in a log file of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.hops import Hop, accounts, tree
from comparisons.environments import python_of
from comparisons.place import LeftOut, Running, Up, last_line, versions_of, versions_script, wait, words
from comparisons.requirements import ROOT
from comparisons.table import Behind
from loadtests.addresses import Address
from native import nginx
from native.packages import nginx_binary
from native.ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bench.suites import Protocol
    from comparisons.table import Candidate, Way

__all__ = ["Processes"]

HOST: Final = "127.0.0.1"

GRACE: Final = 10.0
"""Seconds to end by itself, which a service may take for what is in flight."""

STRANGERS: Final = ("PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
"""What would lead a candidate's Python elsewhere, or is between `make` and its own children."""


@dataclass(frozen=True)
class Started:
    """A process of ours."""

    process: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> str:
        """Its last words, if it has."""
        if self.process.poll() is None:
            return ""
        return last_line(self.log.read_text(encoding="utf-8", errors="replace"))


class Processes:
    """The place for local processes; its files lie in a folder that it may fill."""

    mode = "native"
    road = HOST

    def __init__(self, folder: Path, environ: Mapping[str, str], redis: Mapping[str, str]) -> None:
        """`redis` are the variables that say where the stack's Redis is; empty without one."""
        self.folder = folder
        self.environ = {name: value for name, value in environ.items() if name not in STRANGERS}
        self.redis = redis
        self.started: list[Started] = []

    def up(self, candidates: Sequence[Candidate], say: Callable[[str], None]) -> Up:
        """Install and start."""
        up, waiting = Up(), dict[str, Running]()
        pythons: dict[str, Path] = {}
        for candidate in candidates:
            say(f"installing {candidate.name}")
            try:
                pythons[candidate.name] = python_of(candidate.belongs, self.folder / "environments")
            except LeftOut as reason:
                up.left_out[candidate.name] = str(reason)
        for candidate, port in zip(candidates, free_ports(len(candidates)), strict=True):
            if candidate.name in pythons:
                say(f"starting {candidate.name}")
                try:
                    waiting[candidate.name] = self.begin(candidate, pythons[candidate.name], port)
                except LeftOut as reason:
                    up.left_out[candidate.name] = str(reason)
        wait(waiting, up)
        return up

    def begin(self, candidate: Candidate, python: Path, port: int) -> Running:
        """Start one. Raises LeftOut."""
        tmp = self.folder / "tmp" / candidate.name
        tmp.mkdir(parents=True, exist_ok=True)
        values = {
            "python": str(python), "bin": str(python.parent), "root": str(ROOT), "tmp": str(tmp),
            "host": HOST, "port": str(port), "redis_url": self.redis.get("REDIS_URL", ""),
        }  # fmt: skip
        path = os.pathsep.join(
            str(each) for each in (ROOT, *(ROOT / "services" / use for use in candidate.uses))
        )
        environment = {
            **self.environ, **(self.redis if "redis" in candidate.needs else {}),
            "HOME": str(tmp), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1",
            **{name: value.format_map(values) for name, value in candidate.environment.items()},
        }  # fmt: skip
        started = self.spawn(candidate.name, words(candidate.command, values), environment)
        return self.running(candidate.name, started, port, versions(python, candidate))

    def spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Started:
        """Start a process that `down` ends. Raises LeftOut."""
        log = self.folder / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("wb") as file:
                process = subprocess.Popen(
                    command, cwd=ROOT, env=dict(environment), start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                )  # fmt: skip
        except OSError as error:
            raise LeftOut(f"it can't be started: {error.strerror or error}: {command[0]}") from None
        self.started.append(Started(process, log))
        return self.started[-1]

    @staticmethod
    def running(name: str, started: Started, port: int, versions: dict[str, str]) -> Running:
        """As the bench sees it."""
        pid = started.process.pid
        return Running(
            name,
            Address(HOST, port),
            lambda: Hop(name, tree(pid), limits=accounts(pid)),
            started.ended,
            versions,
        )

    def behind(self, running: Running, protocol: Protocol, number: int) -> Behind:  # noqa: ARG002 - as Place has it
        """A port that was free a moment ago."""
        tmp = self.folder / "tmp" / "nginx"
        tmp.mkdir(parents=True, exist_ok=True)
        return Behind(running.name, protocol, str(running.address), HOST, free_ports(1)[0], str(tmp))

    def front(self, way: Way, behind: Sequence[Behind]) -> Running:
        """The nginx of this machine with the way's configuration."""
        binary = nginx_binary()
        if binary is None:
            raise LeftOut("nginx is not installed: `make setup` installs it")
        name = f"nginx-{len(self.started)}"
        module = nginx.stream_module(nginx.version_report(binary))
        head = [
            f"load_module {module};" if module else "",
            nginx.worker_user(),
            "daemon off;",
            f"pid {behind[0].tmp}/{name}.pid;",
        ]
        file = self.folder / "tmp" / f"{name}.conf"
        file.write_text("\n".join([*head, way.configure(behind)]), encoding="utf-8")
        started = self.spawn(name, nginx.command(binary, file), self.environ)
        running = self.running(name, started, behind[0].port, {})
        up = Up()
        wait({name: running}, up)
        if name in up.left_out:
            raise LeftOut(up.left_out[name])
        ports = {each.name: Address(HOST, each.port) for each in behind}
        return Running(name, running.address, running.hop, running.ended, ports=ports)

    def down(self) -> None:
        """Ask all to end, wait, and make those end that have not, with whatever they have started."""
        for each in self.started:
            with suppress(OSError):
                each.process.terminate()
        for each in self.started:
            with suppress(subprocess.TimeoutExpired):
                each.process.wait(GRACE)
            with suppress(OSError):
                os.killpg(each.process.pid, signal.SIGKILL)
            each.process.wait()
        self.started.clear()


def versions(python: Path, candidate: Candidate) -> dict[str, str]:
    """What is installed there, by its own word."""
    command = [str(python), *versions_script(candidate)]
    return versions_of(subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout)
