"""Candidates in containers: a Compose file made of the table, one service each with a profile of its own.

They are on the network inside the stack where that is up, so that its Redis is there, and else on one like
it; and on one that lets their ports be published, for where this machine does not reach containers by their
own addresses.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, Final

from bench.engine import Container, docker
from comparisons.place import LeftOut, Running, Up, last_line, versions_of, versions_script, wait, words
from comparisons.requirements import ROOT
from comparisons.table import Behind
from loadtests.addresses import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.suites import Protocol
    from comparisons.table import Candidate, Way

__all__ = ["Boxes"]

PORT: Final = 8000
"""Where a candidate listens inside, and the first one of a way."""

REDIS: Final = {"REDIS_URL": "redis://redis:6379/0", "REDIS_PASSWORD_FILE": "/run/secrets/redis/password"}
"""As docker-compose.yml says to its own services."""

VALUES: Final = {
    "python": "python", "bin": "/venv/bin", "root": "/app", "tmp": "/tmp",  # noqa: S108
    "host": "0.0.0.0", "port": str(PORT), "redis_url": REDIS["REDIS_URL"],  # noqa: S104
}  # fmt: skip

SECRET_VOLUME: Final = "redis-password"  # noqa: S105 - a name
"""The stack's volume with it."""

CONTAINER: Final[dict[str, Any]] = {
    "init": True,
    "restart": "no",
    "stop_grace_period": "5s",
    "networks": ["internal", "direct"],
    "read_only": True,
    "tmpfs": ["/tmp"],  # noqa: S108
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "mem_limit": "512m",
    "pids_limit": 5000,
    "ulimits": {"nofile": 16384},
    "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
}
"""As docker-compose.yml has it for the stack; the limits are those of its `tcp`, which may run any model."""


class Boxes:
    """The place for containers; its Compose file lies in a folder that it may fill."""

    mode = "docker"

    def __init__(self, folder: Path, stack: str, *, redis: bool) -> None:
        """`stack` is what Compose calls the stack, and `redis` says whether it is up: some need its Redis."""
        self.folder = folder
        self.file = folder / "compose.json"
        self.stack = stack
        self.project = f"{self.stack}-comparisons"
        self.redis = redis
        self.road = "the containers' own addresses"
        self.services: dict[str, dict[str, Any]] = {}
        self.written = False

    # --- the Compose file ---------------------------------------------------------------------------------

    def write(self) -> None:
        """Write it as it is by now. JSON is YAML."""
        self.folder.mkdir(parents=True, exist_ok=True)
        internal = {"external": True, "name": f"{self.stack}_internal"} if self.redis else {"internal": True}
        whole = {
            "name": self.project,
            "services": self.services,
            "networks": {"internal": internal, "direct": {}},
            "volumes": {SECRET_VOLUME: {"external": True, "name": f"{self.stack}_{SECRET_VOLUME}"}}
            if self.redis
            else {},
        }
        self.file.write_text(json.dumps(whole, indent=1), encoding="utf-8")
        self.written = True

    def service(self, candidate: Candidate) -> dict[str, Any]:
        """A candidate's."""
        shows = "docs/lessons" if "web" in candidate.uses else ""
        environment = {name: value.format_map(VALUES) for name, value in candidate.environment.items()}
        return {
            **CONTAINER,
            "profiles": [candidate.name],
            "image": f"{self.project}-{candidate.belongs}",
            "build": {
                "context": str(ROOT),
                "dockerfile": "comparisons/Dockerfile",
                "args": {"GROUP": candidate.belongs, "USES": " ".join(candidate.uses), "SHOWS": shows},
            },
            "command": [dollars(word) for word in words(candidate.command, VALUES)],
            "environment": {
                "HOME": "/tmp",  # noqa: S108
                **(REDIS if self.redis and "redis" in candidate.needs else {}),
                **{name: dollars(value) for name, value in environment.items()},
            },
            "volumes": [f"{SECRET_VOLUME}:/run/secrets/redis:ro"]
            if self.redis and "redis" in candidate.needs
            else [],
            "ports": [f"127.0.0.1::{PORT}"],
        }

    def compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Compose on it, with every profile."""
        return subprocess.run(
            ["docker", "compose", "--file", str(self.file), "--profile", "*", *arguments],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    # --- up -----------------------------------------------------------------------------------------------

    def up(self, candidates: Sequence[Candidate], say: Callable[[str], None]) -> Up:
        """Build an image for each group, and start a container for each candidate."""
        up = Up()
        self.services = {candidate.name: self.service(candidate) for candidate in candidates}
        self.write()
        self.compose("down", "--timeout", "1")  # what a run that was killed has left
        groups: dict[str, str] = {}
        for candidate in candidates:
            if candidate.belongs not in groups:
                say(f"building {candidate.belongs}")
                groups[candidate.belongs] = self.build(candidate.name)
            if reason := groups[candidate.belongs]:
                up.left_out[candidate.name] = reason
        built = [candidate for candidate in candidates if candidate.name not in up.left_out]
        if not built:  # Compose would take no name for every name
            return up
        say("starting the containers")
        self.compose("up", "--detach", "--no-build", *(each.name for each in built))
        running = {}
        for candidate in built:
            try:
                running[candidate.name] = self.running(candidate.name, PORT)
            except LeftOut as reason:
                up.left_out[candidate.name] = str(reason)
        wait(running, up)
        for candidate in built:
            if candidate.name in up.running:
                up.running[candidate.name].versions.update(self.versions(candidate))
        return up

    def build(self, name: str) -> str:
        """Build a service's image; returns what was wrong."""
        done = self.compose("build", name)
        return f"it can't be installed here: {reason(done.stdout + done.stderr)}" if done.returncode else ""

    def running(self, name: str, port: int) -> Running:
        """A container as the bench sees it. Raises LeftOut."""
        container = self.container(name)
        return Running(
            name,
            self.reached(container, name, port),
            lambda: container.hop(name),
            lambda: self.ended(name),
        )

    def container(self, name: str) -> Container:
        """A service's. Raises LeftOut when there is none."""
        found = self.compose("ps", "--all", "--quiet", name).stdout.split()
        if not found:
            raise LeftOut("its container could not be made")
        return Container(json.loads(docker("inspect", found[0]))[0])

    def reached(self, container: Container, name: str, port: int) -> Address:
        """Its own address where the engine runs on this kernel, else the published port."""
        if said := self.ended(name):
            raise LeftOut(f"it did not start: {said}")
        if container.is_here and container.hosts:
            return Address(container.hosts[0], port)
        self.road = "published ports"
        return Address.parse(self.compose("port", name, str(port)).stdout.strip(), name)

    def ended(self, name: str) -> str:
        """Its last words, if it has ended."""
        state = self.compose("ps", "--all", "--format", "{{.State}}", name).stdout.strip()
        if state in ("running", "created", "restarting"):
            return ""
        return last_line(self.compose("logs", "--no-log-prefix", "--tail", "5", name).stdout)

    def versions(self, candidate: Candidate) -> dict[str, str]:
        """What is installed there, by its own word."""
        script = versions_script(candidate)
        return versions_of(self.compose("exec", "-T", candidate.name, "python", *script).stdout)

    # --- ways ---------------------------------------------------------------------------------------------

    def behind(self, running: Running, protocol: Protocol, number: int) -> Behind:
        """By its name inside; the way takes the next port."""
        return Behind(running.name, protocol, f"{running.name}:{PORT}", "0.0.0.0", PORT + number, "/tmp")  # noqa: S104, S108

    def front(self, way: Way, behind: Sequence[Behind]) -> Running:
        """An nginx with the way's configuration."""
        name = f"nginx-{len(self.services)}"
        file = self.folder / f"{name}.conf"
        # The stream module is compiled in, or it is a file that the image says to load.
        head = ["include /etc/nginx/modules-enabled/*.conf;", "daemon off;", f"pid /tmp/{name}.pid;"]
        file.write_text("\n".join([*head, way.configure(behind)]), encoding="utf-8")
        file.chmod(0o644)
        self.services[name] = {
            **CONTAINER,
            "profiles": [name],
            "image": "nginx:1.30",
            "user": "nginx",
            "entrypoint": ["nginx"],
            "command": ["-e", "stderr", "-c", "/layercake.conf"],
            "stop_signal": "SIGQUIT",
            "volumes": [f"{file}:/layercake.conf:ro"],
            "ports": [f"127.0.0.1::{each.port}" for each in behind],
        }
        self.write()
        done = self.compose("up", "--detach", "--no-build", name)
        if done.returncode:
            raise LeftOut(f"it did not start: {last_line(done.stderr)}")
        running, up = self.running(name, behind[0].port), Up()
        wait({name: running}, up)
        if name in up.left_out:
            raise LeftOut(up.left_out[name])
        container = self.container(name)
        ports = {each.name: self.reached(container, name, each.port) for each in behind}
        return Running(name, running.address, running.hop, running.ended, ports=ports)

    # --- down ---------------------------------------------------------------------------------------------

    def down(self) -> None:
        """Stop and remove all of it; the images stay for the next time."""
        if self.written:
            self.compose("down", "--timeout", "10")


def dollars(word: str) -> str:
    """A word that Compose will not look for variables in."""
    return word.replace("$", "$$")


def reason(said: str) -> str:
    """Of what a build says, the line in which pip says why, else the last one.

    Docker's own says only that pip failed.
    """
    lines = [line for line in said.splitlines() if "ERROR: " in line and "ERROR: process " not in line]
    return last_line(lines[-1].partition("ERROR: ")[2] if lines else said)
