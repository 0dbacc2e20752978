"""What it ran with and on, in words: machine, programs, the commit."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import psutil

__all__ = ["commit", "machine", "of_programs", "of_stack"]

ROOT: Final = Path(__file__).resolve().parent.parent

PACKAGES: Final = ("Django", "gunicorn", "uvicorn", "channels", "gevent")


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def processor() -> str:
    """The processor's name, as the kernel has it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def said(*words: str) -> str:
    """What a command prints, on either stream; empty if there is none."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=15, cwd=ROOT)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout + done.stderr).strip()


def number(text: str) -> str:
    """The first version number in what was said."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found[0] if found else "unknown"


def commit() -> str:
    """The commit that is checked out, with a sign if files differ from it."""
    head = said("git", "rev-parse", "--short=12", "HEAD")
    if not re.fullmatch(r"[0-9a-f]{7,}", head):
        return "unknown"
    return head + ("+changes" if said("git", "status", "--porcelain", "--untracked-files=no") else "")


def of_programs() -> dict[str, str]:
    """The programs of a stack of local processes."""
    packages = {}
    for name in PACKAGES:
        try:
            packages[name.lower()] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "layercake": commit(),
        "python": ".".join(map(str, sys.version_info[:3])),
        "nginx": number(said("nginx", "-v")),
        "redis": number(said("redis-server", "--version")),
        **packages,
    }


def of_stack(ask: Any) -> dict[str, str]:  # noqa: ANN401
    """Those of a stack of containers: `ask` runs words in the container of a service."""
    python = (
        "import sys, importlib.metadata as m; "
        "print(sys.version.split()[0], *(m.version(name) for name in sys.argv[1:]))"
    )
    django = ask("web", "python", "-c", python, "Django", "gunicorn").split()
    channels = ask("realtime", "python", "-c", python, "uvicorn", "channels").split()
    return {
        "layercake": commit(),
        "python": django[0] if django else "unknown",
        "nginx": number(ask("nginx", "nginx", "-v")),
        "redis": number(ask("redis", "redis-server", "--version")),
        **dict(zip(("django", "gunicorn"), django[1:], strict=False)),
        **dict(zip(("uvicorn", "channels"), channels[1:], strict=False)),
    }
