"""The command line: what is refused, and in which words."""

import os
import subprocess
import sys

import pytest

from bench.__main__ import main
from bench.load import ROOT


@pytest.fixture
def bench(tmp_path):
    """Run `python -m bench` with a run folder in which nothing is up."""

    def run(*words):
        environ = {**os.environ, "RUN_DIR": str(tmp_path / "run"), "PATH": os.path.dirname(sys.executable)}  # noqa: PTH120
        return subprocess.run(
            [sys.executable, "-m", "bench", *words],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_nothing_is_up(bench, tmp_path):
    done = bench("run", "--results", str(tmp_path / "results"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bench: the stack is not up: `make up` starts it\n"
    assert not (tmp_path / "results").exists()


def test_no_such_suite(bench):
    done = bench("run", "--suite", "cellar")
    assert done.returncode == 2
    assert done.stderr.startswith("bench: there is no suite cellar: choose one of ladder")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--rate", "fast"), "fast is not a number from 1 to 100000"),
        (("--rate", "0"), "0 is not a number from 1 to 100000"),
        (("--rate", "nan"), "nan is not a number from 1 to 100000"),
        (("--users", "1.5"), "1.5 is not a whole number from 1 to 1000"),
        (("--rounds", "0"), "0 is not a whole number from 1 to 100"),
        (("--payload", "1000000"), "1000000 is not a whole number from 1 to 60000"),
    ],
)
def test_numbers(capsys, words, complaint):
    with pytest.raises(SystemExit):
        main(["run", *words])
    assert complaint in capsys.readouterr().err


def test_compare_nothing(bench):
    done = bench("compare", "one", "other")
    assert done.returncode == 2
    assert done.stderr.startswith("bench: one holds no result that can be read")


def test_both_suites_are_told_of(bench):
    assert "ladder, push" in bench("run", "--suite", "cellar").stderr
