"""``make test`` and ``make test-stack``: the packages' own tests, and those of the whole stack from outside.

The whole stack is one of its own, in a run folder of its own and on ports that were free a moment ago, so
that the tests disturb no stack that is up and none disturbs them.
"""

import shutil
from collections.abc import Mapping, Sequence

from native import processes, setup
from native import settings as dotenv
from native.containers import project
from native.mode import decide
from native.ports import free_ports
from native.problem import Problem
from native.run_dir import RunDir
from native.settings import Settings
from native.stack import make
from native.terminal import Stopwatch, say
from native.trial import NO_TESTS, Trial

__all__ = ["everything", "stack_only", "test_dir"]

#: Each in a process of its own: two of them are Django sites, and a process has one set of settings. The
#: longest first, so that none is left for the end.
PACKAGES = (
    "loadtests", "services/realtime", "native", "services/tcp", "services/httpd", "services/web", "bench",
    "comparisons/tests", "reliability", "nginx/tests", "services/serving", "services/rooms",
)  # fmt: skip

#: Those that need a Docker engine. They run with the stack's own, in containers.
IN_CONTAINERS = ("nginx/containers", "comparisons/containers")

#: How many packages' tests run at once.
LANES = 2

#: The suite that talks to the whole stack over the wire.
STACK_TESTS = "tests"


def everything(environ: Mapping[str, str]) -> None:
    """The packages' tests, then the local stack's."""
    watch = Stopwatch()
    setup.for_testing()
    say("the packages' tests, two at a time; each is shown when it has ended")
    results = side_by_side(PACKAGES, environ, lanes=LANES)
    results[f"{STACK_TESTS}, local processes"] = stack_tests("native", environ)
    report(chosen(results, environ), watch)


def stack_only(environ: Mapping[str, str]) -> None:
    """The stack's tests only, in the mode that is decided."""
    watch = Stopwatch()
    mode = decide(environ)
    say(str(mode))
    setup.for_testing()
    if mode.name == "docker":
        results = {folder: pytest(folder, environ) for folder in IN_CONTAINERS}
        results[f"{STACK_TESTS}, containers"] = stack_tests(mode.name, environ)
    else:
        results = {f"{STACK_TESTS}, local processes": stack_tests(mode.name, environ)}
    report(chosen(results, environ), watch)


def side_by_side(folders: Sequence[str], environ: Mapping[str, str], lanes: int) -> dict[str, str]:
    """Run each folder's tests, so many at once; returns what is wrong with each.

    Most tests wait for something most of the time, and two cores are not too many for two of them.
    """
    waiting, running, results = list(folders), list[Trial](), dict[str, str]()
    try:
        while waiting or running:
            while waiting and len(running) < lanes:
                running.append(Trial(waiting.pop(0), environ, quiet=True))
            processes.wait_until(lambda: any(trial.is_over() for trial in running), 1.0)
            for trial in [trial for trial in running if trial.is_over()]:
                running.remove(trial)
                results[trial.folder] = tell(trial)
    finally:
        for trial in running:
            trial.end()
    return {folder: results[folder] for folder in folders}


def tell(trial: Trial) -> str:
    """Print what a trial that is over has said; returns what is wrong with it."""
    wrong = trial.outcome()
    say(f"--- {trial.folder}: {wrong or 'passed'} after {trial.watch}\n{trial.said()}")
    return wrong


def pytest(folder: str, environ: Mapping[str, str]) -> str:
    """Run one folder's tests, watched; returns what is wrong in a few words, or an empty string."""
    say(f"--- {folder}")
    trial = Trial(folder, environ)
    try:
        return tell(trial)
    finally:
        trial.end()


def stack_tests(mode: str, environ: Mapping[str, str]) -> str:
    """Bring a stack up, test it from outside, take it down again."""
    run_dir = test_dir(environ, mode)
    settings = on_free_ports(dotenv.read(environ))
    stack = make(mode, settings, run_dir, environ)
    if stack.exists:
        stack.down(data=True)  # one that was killed
    shutil.rmtree(run_dir.path, ignore_errors=True)
    try:
        stack.up()
        return pytest(STACK_TESTS, {**environ, **surroundings(mode, settings, run_dir)})
    except Problem as problem:
        say(str(problem))
        return "did not come up"
    finally:
        if stack.exists:
            stack.keep_logs()
            stack.down(data=True)


def test_dir(environ: Mapping[str, str], mode: str) -> RunDir:
    """The run folder of the stack under test; its logs and the tests' screenshots stay there."""
    return RunDir(RunDir.from_environment(environ).path / "test" / mode)


def on_free_ports(settings: Settings) -> Settings:
    """The same settings with free ports, on loopback, and without a name: the run folder gives one."""
    names = list(settings.ports)
    ports = dict(zip(names, map(str, free_ports(len(names))), strict=True))
    return Settings({**settings, **ports, "BIND": "127.0.0.1", "COMPOSE_PROJECT_NAME": ""})


def surroundings(mode: str, settings: Settings, run_dir: RunDir) -> dict[str, str]:
    """Where the tests find the stack: the settings under their own names, and how it runs."""
    return {
        **settings,
        "LAYERCAKE_MODE": mode,
        "RUN_DIR": str(run_dir.path),
        "COMPOSE_PROJECT_NAME": project(run_dir, settings),
    }


def chosen(results: Mapping[str, str], environ: Mapping[str, str]) -> Mapping[str, str]:
    """The results without the folders in which PYTEST_ARGS chose nothing; all, if that is everywhere."""
    some = {folder: wrong for folder, wrong in results.items() if wrong != NO_TESTS}
    return some if some and environ.get("PYTEST_ARGS") else results


def report(results: Mapping[str, str], watch: Stopwatch) -> None:
    """One line a suite; a Problem if any failed."""
    width = max(map(len, results))
    for name, wrong in results.items():
        say(f"  {name:{width}}   {wrong or 'passed'}")
    if any(results.values()):
        raise Problem(
            f"tests failed after {watch}: {', '.join(name for name, wrong in results.items() if wrong)}"
        )
    say(f"all tests passed in {watch}")
