"""The virtual environment, ``.venv``: every pinned requirement, and the six packages, importable from their
folders.

What ``make up`` needs is a part of what ``make test`` needs. Each of the two sets leaves a stamp, the hash of
what it was made from, and is left alone as long as that is the same.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from native.problem import Problem
from native.run_dir import ROOT
from native.terminal import Stopwatch, say

__all__ = ["COMPARISONS", "DEVELOPMENT", "PACKAGES", "PEERS", "PYTHON", "RUNTIME", "VENV", "ensure"]

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

#: In the order of who imports whom.
PACKAGES = tuple(ROOT / "services" / name for name in ("serving", "tcp", "httpd", "rooms", "web", "realtime"))


@dataclass(frozen=True)
class Requirements:
    """Something to install: folders with a requirements.txt each."""

    name: str
    folders: tuple[str, ...]

    @property
    def requirements(self) -> list[Path]:
        return [ROOT / folder / "requirements.txt" for folder in self.folders]

    @property
    def stamp(self) -> Path:
        return VENV / f".layercake-{self.name}"

    @property
    def digest(self) -> str:
        """What the stamp must hold: it changes with a requirement, the Python, and the checkout's place."""
        state = hashlib.sha256(f"{VENV} {sys.version_info[:2]}".encode())
        for path in [*self.requirements, *(package / "pyproject.toml" for package in PACKAGES)]:
            state.update(path.read_bytes())
        return state.hexdigest()

    @property
    def is_installed(self) -> bool:
        return self.stamp.exists() and self.stamp.read_text() == self.digest


#: What the stack runs on; and with it what the tests and the developer's tools need.
RUNTIME = Requirements(
    "runtime",
    ("native", "services/tcp", "services/rooms", "services/web", "services/realtime", "loadtests"),
)
DEVELOPMENT = Requirements("development", (*RUNTIME.folders, "tests"))

#: And what makes the environments of the candidates that are compared.
COMPARISONS = Requirements("comparisons", (*RUNTIME.folders, "comparisons"))

#: And the servers that httpd is measured beside.
PEERS = Requirements("peers", (*RUNTIME.folders, "benchmarks"))


def ensure(wanted: Requirements) -> None:
    """Make the environment, or bring it up to date; returns at once when it is."""
    with alone():
        if not usable():
            make()
        elif wanted.is_installed:
            return
        install(wanted)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One at a time: `make up` and `make test` in one checkout share its environment."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another command is setting up .venv: waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def usable() -> bool:
    """Does its Python run, and is it one that we serve? (It is a link to one that may have been removed.)"""
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([PYTHON, "-c", question], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make() -> None:
    """A new, empty environment, in place of one that is broken."""
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir()):
        raise Problem(f"{VENV} is in the way, and is no virtual environment: move it elsewhere")
    say(f"making .venv with Python {'.'.join(map(str, sys.version_info[:3]))}")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise Problem(f"{sys.executable} can't make a virtual environment: {words[-1]}")


def install(wanted: Requirements) -> None:
    """Install what is pinned, by its hashes, and then our own packages where they lie."""
    watch = Stopwatch()
    pinned = sum(line[:1].isalnum() for path in wanted.requirements for line in path.read_text().splitlines())
    say(f"installing up to {pinned} pinned packages into .venv (a minute or two the first time)")
    # Every file is a closure of its own, so that there is nothing to resolve.
    pip("--no-deps", "--require-hashes", *(word for path in wanted.requirements for word in ("-r", path)))
    ours = [word for package in PACKAGES for word in ("--editable", package)]
    pip("--no-deps", "--no-build-isolation", *ours)
    for done in (RUNTIME, DEVELOPMENT, COMPARISONS, PEERS):
        if set(done.folders) <= set(wanted.folders):
            done.stamp.write_text(done.digest)
    say(f".venv is ready after {watch}")


def pip(*arguments: str | Path) -> None:
    """Run pip, quiet but for what goes wrong."""
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]
    done = subprocess.run([*command, *arguments], check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Problem("pip could not install what is needed: its words stand above (is there a network?)")
