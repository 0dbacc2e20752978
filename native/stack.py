"""The stack that a command is about: what both ways to run it can do, and which of the two it is."""

from collections.abc import Mapping
from typing import Protocol

from native import settings as dotenv
from native.containers import Containers
from native.local import Local
from native.mode import Mode, ask_engine, decide
from native.problem import Problem
from native.run_dir import RunDir
from native.settings import Settings
from native.terminal import say

__all__ = ["Stack", "make", "running", "to_start"]

#: How each mode is told to a person.
WORDS = {"docker": "in containers", "native": "as local processes"}


class Stack(Protocol):
    """Containers or local processes."""

    @property
    def exists(self) -> bool:
        """Is anything of it there, well or not?"""

    def up(self) -> None:
        """Bring it up to healthy; leave nothing behind if that fails."""

    def down(self, *, data: bool = False) -> None:
        """Take it down, whatever state it is in; with ``data``, what it has kept goes too."""

    def status(self) -> bool:
        """Print how it is; True if all is well."""

    def reload(self, service: str = "") -> None:
        """Replace every service, or one, while it serves."""

    def logs(self, *, follow: bool, service: str = "") -> None:
        """Print what it has logged."""

    def keep_logs(self) -> None:
        """See to it that what it has logged is in its run folder, also after it is taken down."""


def make(mode: str, settings: Settings, run_dir: RunDir, environ: Mapping[str, str]) -> Stack:
    """The stack of that mode."""
    return Containers(settings, run_dir, environ) if mode == "docker" else Local(settings, run_dir, environ)


def running(run_dir: RunDir, environ: Mapping[str, str]) -> tuple[str, Stack] | None:
    """The mode that the stack runs in, and the stack; None if nothing runs.

    It has the settings that it was started with, so that it can be taken down however ``.env`` looks by now.
    Without a record it may still be there: somebody has typed ``docker compose up``.
    """
    record = run_dir.recorded()
    mode = record.get("mode", "docker")
    if mode == "docker" and ask_engine().missing:
        return None  # no engine, no containers
    stack = make(mode, settings_of(record, environ), run_dir, environ)
    return (mode, stack) if stack.exists else None


def settings_of(record: Mapping[str, Mapping[str, str]], environ: Mapping[str, str]) -> Settings:
    """The settings that a stack was started with, or today's."""
    if "settings" in record:
        return Settings(record["settings"])
    try:
        return dotenv.read(environ)
    except Problem:
        return Settings({})  # good enough to take it down


def to_start(run_dir: RunDir, environ: Mapping[str, str]) -> Stack:
    """The stack to bring up: in the mode that it already runs in, or in the one that is decided now.

    Says first which it is, and why; then come the complaints about settings.
    """
    there = running(run_dir, environ)
    if there is None:
        mode = decide(environ)
    else:
        mode = Mode("docker" if there[0] == "docker" else "native", "that is how it is up already")
        if environ.get("MODE", mode.name) not in ("", mode.name):
            raise Problem(
                f"it is up {WORDS[mode.name]}: `make down` first, then MODE={environ['MODE']} make up"
            )
    say(str(mode))
    return make(mode.name, dotenv.read(environ), run_dir, environ)
