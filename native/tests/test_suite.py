"""How the tests are run: what fails, what counts as a failure, and on which ports."""

import os

import pytest

from native import suite
from native.problem import Problem
from native.run_dir import ROOT, RunDir
from native.settings import read
from native.terminal import Stopwatch

RULES = (ROOT / "conftest.py").read_text()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository with the root's conftest.py and nothing else."""
    monkeypatch.setattr(suite, "ROOT", tmp_path)
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


def test_every_folder_of_tests_is_run():
    found = {
        path.parent.relative_to(ROOT).as_posix()
        for path in ROOT.glob("**/tests")
        if ".venv" not in path.parts
    }
    assert {folder.removesuffix("/tests") for folder in found} - {"."} <= set(suite.PACKAGES)


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
