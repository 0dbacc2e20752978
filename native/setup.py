"""What has to be there before anything else: the system's servers, and the virtual environment."""

import subprocess
from pathlib import Path

from native import packages, venv
from native.problem import Problem
from native.terminal import say

__all__ = ["for_running", "for_testing"]


def for_running() -> None:
    """What ``make up`` needs where it runs local processes."""
    packages.ensure(*packages.NEEDS)
    venv.ensure(venv.RUNTIME)


def for_testing() -> None:
    """What ``make test`` needs: the same, the developer's tools, and a browser."""
    packages.ensure(*packages.NEEDS)
    venv.ensure(venv.DEVELOPMENT)
    browser()


def browser() -> None:
    """Chromium from the system where that has one; Ubuntu's package is a snap, which needs a desktop."""
    if not packages.chromium_missing():
        return
    if "ID=ubuntu" not in os_release():
        packages.ensure(packages.CHROMIUM)
        return
    say("chromium is missing: letting Playwright fetch its own")
    done = subprocess.run([venv.PYTHON, "-m", "playwright", "install", "chromium"], check=False)
    if done.returncode:
        raise Problem(
            "Playwright could not fetch Chromium: install one, and name it with CHROMIUM=/path/to/it"
        )


def os_release() -> list[str]:
    """The lines in which a Linux distribution names itself."""
    try:
        return Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
