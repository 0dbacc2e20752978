"""``make bench``: what each layer costs. ``make bench-serving`` and its like: what a package is worth beside
its peers. All of it measured on this machine.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping

from comparisons import suites as comparisons
from native import venv
from native.problem import Problem
from native.run_dir import ROOT, RunDir
from native.stack import running
from native.venv import Requirements

__all__ = ["BENCHES", "COMMANDS", "bench", "lab"]

#: Each bench's module, by the name of what it measures, and what has to be installed for it.
BENCHES: dict[str, tuple[str, Requirements]] = {
    "serving": ("benchmarks.serving", venv.RUNTIME),
    "httpd": ("benchmarks.httpd", venv.PEERS),
    "realtime": ("benchmarks.realtime", venv.RUNTIME),
}

#: What can be set, as in `make bench-serving ROUNDS=3`, and the argument that it becomes.
OPTIONS = {"ROUNDS": "--rounds", "SECONDS": "--seconds"}


#: What `make bench` and its two companions become: the module's command, and its arguments by the variables
#: that they come from. One without a name is a word that has to be given.
COMMANDS: dict[str, tuple[str, dict[str, str]]] = {
    "bench": (
        "run",
        {
            "SUITE": "--suite", "ROUNDS": "--rounds", "RATE": "--rate", "USERS": "--users",
            "PAYLOAD": "--payload", "RESULTS": "--results", "ONLY": "--only",
        },
    ),
    "compare": ("compare", {"A": "", "B": ""}),
    "bench-find-limit": (
        "find-limit",
        {
            "RUNG": "", "VIA": "--via", "BOUND": "--bound", "USERS": "--users", "PAYLOAD": "--payload",
            "RESULTS": "--results",
        },
    ),
}  # fmt: skip


#: What `make bench` turns on with a 1.
SWITCHES = {"QUICK": "--quick", "RECORD": "--record"}


def lab(name: str, run_dir: RunDir, environ: Mapping[str, str]) -> None:
    """Become the bench, so that a Ctrl-C reaches it alone and it can keep what is finished."""
    command, options = COMMANDS[name]
    missing = [key for key, option in options.items() if not option and not environ.get(key)]
    if missing:
        raise Problem(f"{name}: give {' and '.join(missing)}, as in `make {name} {EXAMPLES[name]}`")
    compared = name == "bench" and environ.get("SUITE") in comparisons.NAMES  # which start what they measure
    if name != "compare" and not compared and running(run_dir, environ) is None:
        raise Problem("not up: `make up` starts what can be measured")
    venv.ensure(venv.COMPARISONS if compared else venv.RUNTIME)
    words = [command]
    if name == "bench":
        words += [option for key, option in SWITCHES.items() if environ.get(key) == "1"]
    for key, option in options.items():
        if environ.get(key):
            words += [option, environ[key]] if option else [environ[key]]
    os.chdir(ROOT)
    os.execve(venv.PYTHON, [str(venv.PYTHON), "-m", "bench", *words], dict(environ))  # noqa: S606


#: How the ones with something that has to be given are called.
EXAMPLES = {"compare": "A=results/one B=results/other", "bench-find-limit": "RUNG=web-hello"}


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
