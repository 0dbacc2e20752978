"""The benches: each is a module that can be asked for help, and what it takes is said before it starts."""

import subprocess
import sys

import pytest

from native.bench import BENCHES, OPTIONS, bench, lab
from native.bench import COMMANDS as LAB
from native.commands import COMMANDS
from native.problem import Problem
from native.run_dir import ROOT, RunDir
from native.venv import COMPARISONS


@pytest.mark.parametrize("name", BENCHES)
def test_takes_what_make_passes_on(name):
    module, _ = BENCHES[name]
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert all(option in done.stdout for option in (*OPTIONS.values(), "--record"))


def test_each_is_a_command():
    benches = {name for name in COMMANDS if name.startswith("bench") or name == "compare"}
    assert {f"bench-{name}" for name in BENCHES} | LAB.keys() == benches


@pytest.mark.parametrize("name", LAB)
def test_the_lab_takes_what_make_passes_on(name):
    command, options = LAB[name]
    done = subprocess.run(
        [sys.executable, "-m", "bench", command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(option in done.stdout for option in options.values())


@pytest.mark.parametrize(
    ("name", "given", "complaint"),
    [
        (
            "compare",
            {"A": "results/one"},
            "compare: give B, as in `make compare A=results/one B=results/other`",
        ),
        ("bench-find-limit", {}, "bench-find-limit: give RUNG, as in `make bench-find-limit RUNG=web-hello`"),
    ],
)
def test_what_has_to_be_given(name, given, complaint, tmp_path):
    with pytest.raises(Problem) as problem:
        lab(name, RunDir(tmp_path), given)
    assert str(problem.value) == complaint


def test_no_compiler(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="no C compiler"):
        bench("serving", {})


def test_one_core(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/cc")
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})
    with pytest.raises(Problem, match="it takes Linux, and two"):
        bench("serving", {})


def test_a_comparison_needs_no_stack(monkeypatch, tmp_path):
    """It starts what it measures, for which it needs uv."""
    became, installed = [], []
    monkeypatch.setattr("os.chdir", lambda _: None)
    monkeypatch.setattr("os.execve", lambda _program, words, _environ: became.append(words[1:]))
    monkeypatch.setattr("native.venv.ensure", installed.append)
    lab("bench", RunDir(tmp_path), {"SUITE": "frameworks", "QUICK": "1", "ONLY": "flask", "MODE": "native"})
    assert became == [["-m", "bench", "run", "--quick", "--suite", "frameworks", "--only", "flask"]]
    assert installed == [COMPARISONS]
    assert "comparisons" in COMPARISONS.folders
