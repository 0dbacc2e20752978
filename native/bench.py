"""``make bench-serving`` and its like: what a package is worth beside its peers, measured on this machine."""

import os
import shutil
import subprocess
from collections.abc import Mapping

from native import venv
from native.problem import Problem
from native.run_dir import ROOT
from native.venv import Requirements

__all__ = ["BENCHES", "bench"]

#: Each bench's module, by the name of what it measures, and what has to be installed for it.
BENCHES: dict[str, tuple[str, Requirements]] = {
    "serving": ("benchmarks.serving", venv.RUNTIME),
    "httpd": ("benchmarks.httpd", venv.PEERS),
    "realtime": ("benchmarks.realtime", venv.RUNTIME),
}

#: What can be set, as in `make bench-serving ROUNDS=3`, and the argument that it becomes.
OPTIONS = {"ROUNDS": "--rounds", "SECONDS": "--seconds"}


def bench(name: str, environ: Mapping[str, str]) -> None:
    """Run one; RECORD=1 writes its table into docs/benchmarking.md."""
    if shutil.which("cc") is None:
        raise Problem("there is no C compiler (cc), which the load generator needs: install gcc or clang")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    if cores < 2:
        raise Problem("a bench pins the server to one core and the load to another: it takes Linux, and two")
    module, requirements = BENCHES[name]
    venv.ensure(requirements)
    options = [word for key, option in OPTIONS.items() if environ.get(key) for word in (option, environ[key])]
    record = ["--record"] if environ.get("RECORD") else []
    command = [str(venv.PYTHON), "-m", module, *options, *record]
    if subprocess.run(command, cwd=ROOT, env=dict(environ), check=False).returncode:
        raise Problem(f"bench-{name}: what went wrong, or what was missed, stands above")
