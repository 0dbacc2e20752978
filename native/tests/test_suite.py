"""How the tests are run: what fails, what counts as a failure, and on which ports."""

import os
import signal
import threading

import pytest

from native import suite, trial
from native.problem import Problem
from native.processes import session_members, wait_until
from native.run_dir import ROOT, RunDir
from native.settings import read
from native.terminal import Stopwatch

RULES = (ROOT / "conftest.py").read_text()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository with the root's conftest.py and nothing else."""
    monkeypatch.setattr("native.trial.ROOT", tmp_path)
    (tmp_path / "conftest.py").write_text(RULES)
    (tmp_path / "pytest.toml").write_text("[pytest]\naddopts = []\n")
    (tmp_path / "tests").mkdir()
    return tmp_path / "tests"


def outcome(folder, text, **environ):
    if text:
        (folder / "test_it.py").write_text(text)
    without = {name: value for name, value in os.environ.items() if name != "CI"}
    return suite.pytest("tests", {**without, **environ})


SKIPPED = "import pytest\n\ndef test_a():\n    pytest.skip('no engine here')\n\ndef test_b():\n    pass\n"


def test_passed(folder):
    assert outcome(folder, "def test_a():\n    pass\n", CI="true") == ""


def test_failed(folder):
    assert outcome(folder, "def test_a():\n    assert False\n") == "failed"


def test_nothing_to_run_is_a_failure(folder):
    assert outcome(folder, "") == "has no tests"


def test_a_module_that_can_not_be_imported(folder):
    assert outcome(folder, "import nonsense\n") == "pytest's status 2"


def test_a_skip_is_a_failure_in_ci(folder, capfd):
    assert outcome(folder, SKIPPED, CI="true") == "failed"
    assert "1 skipped: in CI nothing may be" in capfd.readouterr().out


def test_a_skip_is_none_elsewhere(folder):
    assert outcome(folder, SKIPPED) == ""


def test_arguments_for_pytest(folder):
    assert outcome(folder, SKIPPED, CI="true", PYTEST_ARGS="-k test_b") == ""


@pytest.mark.parametrize(
    ("results", "arguments", "left"),
    [
        ({"a": "", "b": "has no tests"}, "-k faults", {"a": ""}),
        ({"a": "failed", "b": "has no tests"}, "-k faults", {"a": "failed"}),
        ({"a": "has no tests", "b": "has no tests"}, "-k typo", {"a": "has no tests", "b": "has no tests"}),
        ({"a": "", "b": "has no tests"}, "", {"a": "", "b": "has no tests"}),
    ],
)
def test_who_chooses_tests_need_not_choose_some_in_each_folder(results, arguments, left):
    assert suite.chosen(results, {"PYTEST_ARGS": arguments}) == left


LEAVES_ONE = """
import subprocess

def test_a():
    child = subprocess.Popen(["sleep", "600"])
    child.returncode = 0  # as far as Python is concerned it has ended
"""


def test_a_process_that_is_left_running_is_a_failure(folder):
    assert outcome(folder, LEAVES_ONE) == "has left 1 processes running"


def test_side_by_side(folder, capfd):
    (folder / "test_it.py").write_text("def test_a():\n    pass\n")
    other = folder.parent / "other"
    other.mkdir()
    (other / "test_it.py").write_text("def test_b():\n    assert not 'the reason'\n")
    results = suite.side_by_side(["tests", "other", "none"], dict(os.environ), lanes=2)
    assert results == {"tests": "", "other": "failed", "none": "pytest's status 4"}
    said = capfd.readouterr().out
    assert "--- tests: passed after" in said
    assert "the reason" in said


def test_nothing_is_left_when_somebody_stops_it(folder, monkeypatch):
    (folder / "test_it.py").write_text(
        "import pathlib, subprocess, time\n\ndef test_a():\n    subprocess.Popen(['sleep', '600'])\n"
        f"    pathlib.Path({str(folder / 'begun')!r}).touch()\n    time.sleep(600)\n"
    )
    trials = []
    begin = trial.Trial

    def remember(*words, **more):
        trials.append(begin(*words, **more))
        return trials[-1]

    def press():
        assert wait_until((folder / "begun").exists, 20)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(suite, "Trial", remember)
    presser = threading.Thread(target=press)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        suite.side_by_side(["tests"], dict(os.environ), lanes=2)
    presser.join()
    assert trials[0].is_over()
    assert session_members(trials[0]._process.pid) == []


def test_every_folder_of_tests_is_run():
    run = {ROOT / folder for folder in (*suite.PACKAGES, *suite.IN_CONTAINERS, suite.STACK_TESTS)}
    found = {path.parent for path in ROOT.glob("**/test_*.py") if not {".venv", ".run"} & {*path.parts}}
    assert ROOT / "native" / "tests" in found
    assert {folder for folder in found if not run & {folder, *folder.parents}} == set()


def test_a_stack_of_its_own():
    given = read({})
    free = suite.on_free_ports(given)
    assert set(free) == set(given)
    assert not set(free.ports.values()) & set(given.ports.values())
    assert len(set(free.ports.values())) == len(given.ports)


def test_what_the_stack_s_tests_are_told():
    settings = read({})
    told = suite.surroundings("docker", settings, RunDir.from_environment({"RUN_DIR": "/srv/x"}))
    assert told["LAYERCAKE_MODE"] == "docker"
    assert told["RUN_DIR"] == "/srv/x"
    assert told["HTTP_PORT"] == settings["HTTP_PORT"]
    assert told["COMPOSE_PROJECT_NAME"].startswith("layercake-")


def test_the_report(capsys):
    suite.report({"one": "", "two": ""}, Stopwatch())
    assert "  one   passed" in capsys.readouterr().out
    with pytest.raises(Problem, match=r"tests failed after .*: two"):
        suite.report({"one": "", "two": "failed"}, Stopwatch())
