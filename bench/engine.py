"""The stack in containers: the engine says which processes are whose, where they answer, and who else asked.

The generator goes to the containers' own addresses where this machine can reach them, because a published
port is served by a proxy process of the engine's that would be measured along. Where it can't, as with an
engine in a virtual machine, it takes the published ports, and the result says so.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import counts
from bench.complaint import Complaint
from bench.hops import Hop, accounts, tree
from bench.local import SERVICES, healthz, tunables
from bench.site import Site
from bench.versions import of_stack
from loadtests.addresses import RUNGS, Address, Stack, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.hops import Quota
    from bench.suites import Via

__all__ = ["site"]

NGINX_PORTS: Final = {"NGINX_ADDRESS": 8080, "NGINX_TCP_ECHO_ADDRESS": 9000, "NGINX_TCP_ROOM_ADDRESS": 9004}
"""What nginx listens on inside."""

STATUS_PORT: Final = 8088

PATIENCE: Final = 5.0
"""Seconds for a health check to end, as docker-compose.yml has it."""

#: Whose containers' health checks ask for what we count. tcp's sends a piece, nginx's asks for /livez.
CHECKED: Final = frozenset({"tcp", "httpd", "httpd-wsgi", "web", "realtime", "nginx"})


def docker(*words: str) -> str:
    """What docker prints. Raises Complaint with its words when it fails."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Complaint(
            f"docker {words[0]} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
        )
    return done.stdout + done.stderr  # logs come on both


@dataclass(frozen=True)
class Container:
    """One container, as `docker inspect` has it."""

    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.facts["Name"]).lstrip("/")

    @property
    def pid(self) -> int:
        """Its first process, by this machine's count if the engine runs on this kernel."""
        return int(self.facts["State"]["Pid"])

    @property
    def is_here(self) -> bool:
        """Is that process one of this machine's?"""
        with suppress(OSError):
            return str(self.facts["Id"]) in Path(f"/proc/{self.pid}/cgroup").read_text(encoding="utf-8")
        return False

    @property
    def hosts(self) -> list[str]:
        """Its addresses in its networks."""
        return [
            net["IPAddress"] for net in self.facts["NetworkSettings"]["Networks"].values() if net["IPAddress"]
        ]

    def hop(self, name: str) -> Hop:
        """Its processes; the engine's own accounts where they are not this machine's."""
        if self.is_here:
            return Hop(name, tree(self.pid), limits=accounts(self.pid))
        return Hop(name, (), quota=lambda: ask_engine(str(self.facts["Id"])))

    def checked(self, since: float, until: float) -> int:
        """How many health checks were under way between two times of day: each may have asked then.

        The engine remembers the last five, each when it has ended.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            log = json.loads(docker("inspect", "--format", "{{json .State.Health.Log}}", self.name)) or ()
            found = sum(moment(one["End"]) >= since and moment(one["Start"]) <= until for one in log)
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.1)


def moment(text: str) -> float:
    """A time of day as the engine writes it, with nanoseconds."""
    return datetime.fromisoformat(text).timestamp()


class EngineConnection(http.client.HTTPConnection):
    """HTTP over the engine's Unix socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        where = docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").strip()
        self.sock.connect(where.removeprefix("unix://"))


def ask_engine(container: str) -> Quota:
    """Seconds that a container has used, and seconds that a quota has stopped it, from the engine's API."""
    connection = EngineConnection("localhost")
    try:
        connection.request("GET", f"/containers/{container}/stats?stream=false&one-shot=true")
        stats = json.loads(connection.getresponse().read())["cpu_stats"]
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        raise Complaint(
            "the Docker engine does not tell what its containers use: is it still running?"
        ) from None
    finally:
        connection.close()
    return stats["cpu_usage"]["total_usage"] / 1e9, stats["throttling_data"].get("throttled_time", 0) / 1e9


def site(names: Mapping[str, str], settings: Mapping[str, str], variables: Mapping[str, str]) -> Site:
    """The stack of these containers, by service. Raises Complaint unless all of it runs and is healthy."""
    absent = [service for service in SERVICES if service not in names]
    if absent:
        raise Complaint(f"{', '.join(absent)} of the stack does not run: see `make status`")
    found = json.loads(docker("inspect", *(names[service] for service in SERVICES)))
    containers = {service: Container(facts) for service, facts in zip(SERVICES, found, strict=True)}
    sick = [
        name
        for name, each in containers.items()
        if each.facts["State"].get("Health", {}).get("Status") != "healthy"
    ]
    if sick:
        raise Complaint(f"{', '.join(sick)} of the stack is not healthy: see `make status` and `make logs`")
    reached, road = addresses(containers, variables)
    hops = {name: each.hop(name) for name, each in containers.items()}

    def target(service: str, via: Via) -> Target:
        return reached.target(service, via)

    def others(service: str, since: float, until: float) -> int:
        return containers[service].checked(since, until) if service in CHECKED else 0

    return Site(
        "docker",
        target,
        hops,
        {
            "tcp": counts.by_log(lambda: prompt(containers["tcp"].name),
                                 log_of(containers["tcp"].name)),
            "nginx": counts.by_stub_status(status_of(containers["nginx"])),
            **healthz(settings, lambda service: reached.target(service, "direct").address),
        },
        others,
        tunables(settings),
        of_stack(lambda service, *words: docker("exec", containers[service].name, *words)),
        road,
    )  # fmt: skip


def prompt(container: str) -> None:
    """Have a service log its counts. Docker would not restart what `docker kill` has signalled."""
    docker("exec", container, "sh", "-c", "kill -USR1 1")


def log_of(name: str) -> Callable[[], str]:
    """What a container logs from now on."""
    since = str(int(time.time()))
    return lambda: docker("logs", "--since", since, name)


def status_of(nginx: Container) -> Callable[[], str]:
    """nginx's status page: from here if this machine reaches its inside port, else from inside."""
    for host in nginx.hosts:
        if answers(host, STATUS_PORT):
            return lambda: counts.fetch(Address(host, STATUS_PORT), "/nginx_status")
    page = f"http://127.0.0.1:{STATUS_PORT}/nginx_status"
    return lambda: docker("exec", nginx.name, "curl", "-sS", page)


def addresses(containers: Mapping[str, Container], variables: Mapping[str, str]) -> tuple[Stack, str]:
    """The containers' own addresses, if this machine reaches them all; else the published ports."""
    wanted = {rung.direct: (rung.service, rung.default_direct_port) for rung in RUNGS.values()} | {
        name: ("nginx", port) for name, port in NGINX_PORTS.items()
    }
    inside: dict[str, Address] = {}
    for name, (rung, port) in wanted.items():
        service = rung.removesuffix("-room")  # which the same container serves
        host = next((host for host in containers[service].hosts if answers(host, port)), None)
        if host is None:
            return Stack.from_environment(variables), "published ports"
        inside[name] = Address(host, port)
    return Stack(inside), "the containers' own addresses"


def answers(host: str, port: int) -> bool:
    """Does anybody take a connection there?"""
    try:
        socket.create_connection((host, port), 1.0).close()
    except OSError:
        return False
    return True
