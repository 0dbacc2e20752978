"""Replacing a service's containers, so that no request fails: ``make reload``, with a Docker engine.

``docker compose up`` alone replaces all of a service's containers at once. Here the new ones are healthy, and
known to nginx, before an old one is told to stop. Two containers can't publish one port of this machine:
where the lab's direct port is, one that publishes nothing stands in while the old one gives way to the new.
"""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING

from native.problem import Problem
from native.processes import wait_until

if TYPE_CHECKING:
    from native.containers import Containers

__all__ = ["Rollout"]

#: nginx asks Docker's name server every five seconds who is there. Whoever has not answered it, such as one
#: that has only just started at an address that was another's, it passes over for ten.
KNOWN_AFTER = 12.0

#: How long a container may take to become healthy, and to stop, in seconds.
HEALTHY_WITHIN = 120.0
STOPS_WITHIN = 15

#: The file without the ports of a local lab.
PLAIN = "docker-compose.yml"


class Rollout:
    """One service of a stack, which is to be replaced."""

    def __init__(self, stack: Containers, service: str) -> None:
        self.stack, self.service = stack, service

    def replace(self) -> None:
        """Start as many as there are, let them become known, and stop the old ones."""
        old = self.containers()
        if not old:
            raise Problem(f"no container of {self.service} runs: `make up` first")
        if self.publishes():
            between = self.add(len(old), COMPOSE_FILE=PLAIN)
            self.remove(old)
            self.add(len(old))
            self.remove(between)
        else:
            self.add(len(old))
            self.remove(old)

    def containers(self) -> set[str]:
        """Those that run now."""
        return set(self.stack.ask("ps", "--quiet", self.service).split())

    def publishes(self) -> bool:
        """Does it have a port of this machine?"""
        configuration = json.loads(self.stack.ask("config", "--format", "json"))
        return bool(configuration["services"][self.service].get("ports"))

    def add(self, count: int, **variables: str) -> set[str]:
        """Start so many more, and wait until they are healthy and nginx knows them; returns which."""
        before = self.containers()
        words = ("--detach", "--no-deps", "--no-recreate", "--no-build")
        scale = f"{self.service}={len(before) + count}"
        if self.stack.run("up", *words, "--scale", scale, self.service, **variables):
            raise Problem(f"no more of {self.service} could be started: the reason should stand above")
        new = self.containers() - before
        if not wait_until(lambda: all(health(one) == "healthy" for one in new), HEALTHY_WITHIN):
            self.remove(new)
            raise Problem(f"the new {self.service} did not become healthy: the old one goes on")
        time.sleep(KNOWN_AFTER)
        return new

    def remove(self, those: set[str]) -> None:
        """Have them finish what is in flight, and go."""
        for one in sorted(those):
            docker("stop", "--timeout", str(STOPS_WITHIN), one)
            docker("rm", "--force", one)


def health(container: str) -> str:
    """What its health check says."""
    return docker("inspect", "--format", "{{.State.Health.Status}}", container)


def docker(*words: str) -> str:
    """What docker prints."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()
