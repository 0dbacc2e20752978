"""``make load``: Locust without its page, on the stack that is up, in either mode."""

import subprocess
from collections.abc import Mapping

from native import addresses, venv
from native.problem import Problem
from native.run_dir import ROOT, RunDir
from native.stack import running, settings_of

__all__ = ["load"]

#: What can be set, as in `make load USERS=50 VIA=direct`, and the argument that it becomes.
OPTIONS = {"VIA": "--via", "USERS": "--users", "SECONDS": "--seconds", "PAYLOAD": "--payload"}


def load(run_dir: RunDir, environ: Mapping[str, str]) -> None:
    """Put load on each rung after the other; CSV and HTML go to results/. CLASSES chooses user classes."""
    if running(run_dir, environ) is None:
        raise Problem("not up: `make up` starts what load can be put on")
    venv.ensure(venv.RUNTIME)
    settings = settings_of(run_dir.recorded(), environ)
    options = [
        word for name, option in OPTIONS.items() if environ.get(name) for word in (option, environ[name])
    ]
    done = subprocess.run(
        [venv.PYTHON, "-m", "loadtests.run", *options, *environ.get("CLASSES", "").split()],
        # Containers publish their direct ports where local processes listen: the addresses are the same.
        cwd=ROOT, env={**environ, **settings, **addresses.variables(settings)}, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Problem("load: what went wrong stands above")
