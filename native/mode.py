"""Containers or local processes: which, and why."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from native.problem import Problem

__all__ = ["Engine", "Mode", "ask_engine", "decide"]

#: An engine that is there answers within a fraction of this, also on a machine under load.
ANSWER_WITHIN = 15.0

#: The oldest engine that knows a health check's ``start_interval``; one before it refuses to create the
#: containers, after every image has been built.
ENGINE = (25, 0)

#: The oldest Compose that knows all that docker-compose.yml says.
COMPOSE = (2, 24)


@dataclass(frozen=True)
class Engine:
    """What ``docker`` on this machine said: ``missing`` is why it can't be used, or empty."""

    version: str = ""
    compose: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Mode:
    """How the stack runs."""

    name: Literal["docker", "native"]
    reason: str

    def __str__(self) -> str:
        return f"{'containers' if self.name == 'docker' else 'local processes'}: {self.reason}"


def ask_engine() -> Engine:
    """Ask the engine itself: a ``docker`` on the PATH says nothing about one behind it."""
    if shutil.which("docker") is None:
        return Engine(missing="there is no docker command")
    version, complaint = ask("docker", "info", "--format", "{{.ServerVersion}}")
    if not version:
        return Engine(missing=f"no Docker engine answers ({complaint})")
    if numbers(version) < ENGINE:
        return Engine(version, missing=f"Docker {version} answers, but is older than 25")
    compose, _ = ask("docker", "compose", "version", "--short")
    if not compose:
        return Engine(version, missing=f"Docker {version} answers, but it has no Compose")
    if numbers(compose) < COMPOSE:
        return Engine(
            version, missing=f"Docker {version} answers, but its Compose {compose} is older than 2.24"
        )
    return Engine(version, compose)


def numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version: (2, 40) of ``v2.40.3-3``."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def ask(*command: str) -> tuple[str, str]:
    """What a command printed on standard output, or an empty string and the last line of its complaint."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", "it does not answer in time" if isinstance(error, subprocess.TimeoutExpired) else str(
            error
        )
    if done.returncode == 0 and done.stdout.strip():
        return done.stdout.strip(), ""
    words = (done.stderr.strip().splitlines() or [f"`{' '.join(command[:2])}` failed"])[-1]
    return "", words if len(words) <= 100 else f"{words[:100]}…"


def decide(environ: Mapping[str, str]) -> Mode:
    """``MODE`` decides; without it, an engine that answers does."""
    wish = environ.get("MODE", "")
    if wish == "native":
        return Mode("native", "MODE=native")
    if wish not in ("", "docker"):
        raise Problem(f"MODE={wish} is not known: use MODE=docker or MODE=native, or leave it out")
    engine = ask_engine()
    if not engine.missing:
        reason = f"Docker {engine.version} answers, with Compose {engine.compose}"
        return Mode("docker", f"MODE=docker, and {reason}" if wish else reason)
    if wish == "docker":
        raise Problem(f"MODE=docker, but {engine.missing}: start Docker, or use MODE=native")
    return Mode("native", engine.missing)
