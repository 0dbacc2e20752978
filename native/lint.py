"""``make lint``: ruff's rules and format, and mypy, strict, on each package."""

import subprocess

from native import venv
from native.problem import Problem
from native.run_dir import ROOT
from native.terminal import say

__all__ = ["FOLDERS", "lint"]

#: Test functions are not annotated: what they are given says pytest. The suite's own clients are.
TESTS = (
    r"(^|/)(test_\w+|conftest)\.py$"
    r"|^(services/\w+|loadtests|bench|comparisons|reliability|benchmarks|native|nginx)/tests/"
)

#: mypy looks at one at a time: each has a tests/ of its own, and two have Django settings of their own.
FOLDERS = (
    "services/serving", "services/tcp", "services/httpd", "services/rooms", "services/web",
    "services/realtime", "loadtests", "bench", "comparisons", "reliability", "benchmarks", "native",
    "tests",
)  # fmt: skip


def lint() -> None:
    """Run them all, then say which complain."""
    venv.ensure(venv.DEVELOPMENT)
    commands = {
        "ruff check": ("ruff", "check", "."),
        "ruff format": ("ruff", "format", "--check", "."),
        **{f"mypy {folder}": ("mypy", "--exclude", TESTS, folder) for folder in FOLDERS},
    }
    failed = []
    for name, words in commands.items():
        say(f"--- {name}")
        if subprocess.run([venv.PYTHON, "-m", *words], cwd=ROOT, check=False).returncode:
            failed.append(name)
    if failed:
        raise Problem(
            f"lint: {', '.join(failed)}; `.venv/bin/ruff format` and `ruff check --fix` put some of it right"
        )
    say("lint: clean")
