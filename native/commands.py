"""What each command does, and how it ends: with 0, or with 1 and a sentence, or with 130 after Ctrl-C."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from native import bench, interrupts, lint, load, reliability, setup, suite, venv
from native.containers import Containers
from native.mode import ask_engine
from native.problem import Problem
from native.run_dir import ROOT, RunDir
from native.settings import Settings
from native.stack import running, settings_of, to_start
from native.terminal import say, warn

__all__ = ["COMMANDS", "main"]


def set_up() -> int:
    """Make .venv and install what is missing, for running and for testing."""
    setup.for_testing()
    say("all set: `make up` starts the stack, `make test` tests it")
    return 0


def up() -> int:
    """Bring the stack up to healthy, and print its addresses."""
    to_start(RunDir.from_environment(os.environ), os.environ).up()
    return 0


def down() -> int:
    """Stop everything that up has started."""
    run_dir = RunDir.from_environment(os.environ)
    there = running(run_dir, os.environ)
    if there:
        there[1].down()
    else:
        run_dir.forget()
        say("nothing was up")
    return 0


def status() -> int:
    """Print what runs and how it is; 0 if all is well, 1 if not."""
    there = running(RunDir.from_environment(os.environ), os.environ)
    if there is None:
        say("not up: `make up` starts it")
        return 1
    return 0 if there[1].status() else 1


def logs() -> int:
    """Print the logs, of one SERVICE if it is set, and follow them at a terminal."""
    run_dir = RunDir.from_environment(os.environ)
    there = running(run_dir, os.environ)
    if there is None:
        raise Problem(f"not up; what it has logged before lies in {run_dir.logs}")
    there[1].logs(follow=sys.stdout.isatty(), service=os.environ.get("SERVICE", ""))
    return 0


def test() -> int:
    """Run every package's tests, and the whole stack's on local processes."""
    suite.everything(os.environ)
    return 0


def test_stack() -> int:
    """Run the whole stack's tests, in containers or on local processes."""
    suite.stack_only(os.environ)
    return 0


def check() -> int:
    """Run ruff and mypy."""
    lint.lint()
    return 0


def put_load() -> int:
    """Put load on the stack that is up, and write results/."""
    load.load(RunDir.from_environment(os.environ), os.environ)
    return 0


def bench_stack() -> int:
    """Measure what each layer of the stack that is up costs, and write a report to results/."""
    bench.lab("bench", RunDir.from_environment(os.environ), os.environ)
    return 0


def compare() -> int:
    """Tell which differences between two runs of the bench are real."""
    bench.lab("compare", RunDir.from_environment(os.environ), os.environ)
    return 0


def find_limit() -> int:
    """Find the rate at which a rung breaks."""
    bench.lab("bench-find-limit", RunDir.from_environment(os.environ), os.environ)
    return 0


def bench_serving() -> int:
    """Measure serving's drivers beside C, uvloop and streams; RECORD=1 keeps the table."""
    bench.bench("serving", os.environ)
    return 0


def bench_httpd() -> int:
    """Measure httpd beside the servers that people install; RECORD=1 keeps the table."""
    bench.bench("httpd", os.environ)
    return 0


def bench_realtime() -> int:
    """Measure realtime beside Channels as its documentation has it; RECORD=1 keeps the table."""
    bench.bench("realtime", os.environ)
    return 0


def abuse() -> int:
    """Attack each service in every way that we know, with a well-behaved guest beside it."""
    reliability.withstand("abuse", os.environ)
    return 0


def chaos() -> int:
    """Stop, replace, kill and starve each part of a stack, and tell what failed and for how long."""
    reliability.withstand("chaos", os.environ)
    return 0


def soak() -> int:
    """Half an hour at half of capacity: memory, descriptors, errors."""
    reliability.withstand("soak", os.environ)
    return 0


def bill_of_materials() -> int:
    """List what is in every image, and in which version."""
    importlib.import_module("native.sbom").sbom(os.environ)
    return 0


def reload() -> int:
    """Replace every service of the stack that is up, one after the other, without a failed request."""
    run_dir = RunDir.from_environment(os.environ)
    there = running(run_dir, os.environ)
    if there is None:
        raise Problem("not up: `make up` starts what can be replaced")
    there[1].reload(os.environ.get("SERVICE", ""))
    return 0


def lock() -> int:
    """Compile every requirements.txt again."""
    venv.ensure(venv.DEVELOPMENT)
    return subprocess.run([venv.PYTHON, "-m", "native.lock"], cwd=ROOT, check=False).returncode


def clean() -> int:
    """Take the stack down and remove what was made here, but for results/."""
    run_dir = RunDir.from_environment(os.environ)
    settings = settings_of(run_dir.recorded(), os.environ)
    down()
    if not ask_engine().missing:
        unnamed = Settings({**settings, "COMPOSE_PROJECT_NAME": ""})
        for owner, its in ((run_dir, settings), (suite.test_dir(os.environ, "docker"), unnamed)):
            try:
                Containers(its, owner, os.environ).remove()
            except Problem as problem:
                warn(f"left alone: {problem}")
    for folder in (run_dir.path, venv.VENV, *(ROOT / name for name in CACHES), *ROOT.rglob("__pycache__")):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")

COMMANDS: dict[str, Callable[[], int]] = {
    "setup": set_up,
    "up": up,
    "down": down,
    "status": status,
    "logs": logs,
    "test": test,
    "test-stack": test_stack,
    "lint": check,
    "load": put_load,
    "bench": bench_stack,
    "compare": compare,
    "bench-find-limit": find_limit,
    "bench-serving": bench_serving,
    "bench-httpd": bench_httpd,
    "bench-realtime": bench_realtime,
    "abuse": abuse,
    "chaos": chaos,
    "soak": soak,
    "reload": reload,
    "sbom": bill_of_materials,
    "lock": lock,
    "clean": clean,
}


def main(arguments: list[str]) -> int:
    """Run the command that the arguments name."""
    command = COMMANDS.get(arguments[0]) if len(arguments) == 1 else None
    if command is None:
        warn("usage: python3 -m native COMMAND, where COMMAND is one of:")
        for name, function in COMMANDS.items():
            warn(f"  {name:16} {(function.__doc__ or '').splitlines()[0]}")
        return 2
    interrupts.all_alike()
    try:
        return command()
    except Problem as problem:
        warn(f"layercake: {problem}")
        return 1
    except KeyboardInterrupt:
        warn("interrupted")
        return 130
    except BrokenPipeError:
        return 1  # nobody reads any more: `make logs | head`
