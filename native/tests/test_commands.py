"""The commands as a person types them: `python3 -m native COMMAND`."""

import ast
import os
import re
import socket
import subprocess
import sys

import pytest

from native.commands import COMMANDS
from native.run_dir import ROOT


@pytest.fixture
def run(tmp_path):
    """Run a command on a run folder of the test's own; returns its status, output and complaints."""

    def command(*words, **variables):
        environ = {**os.environ, "RUN_DIR": str(tmp_path / "run"), "MODE": "native", **variables}
        done = subprocess.run(
            [sys.executable, "-m", "native", *words],
            cwd=ROOT, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return command


class TestBadInput:
    def test_a_value_that_is_no_number(self, run, tmp_path):
        status, said, complaint = run("up", HTTP_PORT="many")
        assert status == 1
        assert said == "local processes: MODE=native\n"
        assert complaint == (
            "layercake: HTTP_PORT=many (in the environment) is not right: "
            "set it to a port number from 1 to 65535\n"
        )
        assert not (tmp_path / "run").exists()

    def test_a_port_that_is_taken(self, run, free_settings, tmp_path):
        ports = {name: str(number) for name, number in free_settings.ports.items()}
        with socket.create_server(("127.0.0.1", 0)) as server:
            taken = str(server.getsockname()[1])
            status, _, complaint = run("up", **{**ports, "HTTP_PORT": taken})
        assert status == 1
        assert complaint == f"layercake: port {taken} is taken: set HTTP_PORT to a free one\n"
        assert not (tmp_path / "run").exists()

    def test_a_mode_that_is_none(self, run):
        status, _, complaint = run("up", MODE="podman")
        assert status == 1
        assert complaint.startswith("layercake: MODE=podman is not known")

    def test_a_broken_env_does_not_hinder_down(self, run):
        assert run("down", HTTP_PORT="many")[0] == 0

    @pytest.mark.parametrize("words", [(), ("fly",), ("up", "down"), ("--help",)])
    def test_no_command(self, run, words):
        status, said, complaint = run(*words)
        assert status == 2
        assert said == ""
        assert all(f"  {name} " in complaint for name in COMMANDS)


class TestOldPython:
    #: What an old interpreter would do: the version first, then whatever is imported.
    PRETEND = (
        "import runpy, sys; sys.version_info = (3, 8, 18, 'final', 0); sys.argv = ['native', 'up']; "
        "runpy.run_module('native', run_name='__main__', alter_sys=True)"
    )

    def test_says_that_it_is_too_old(self):
        done = subprocess.run(
            [sys.executable, "-c", self.PRETEND], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr.startswith("Python 3.8 is too old: Layercake needs 3.11 or newer.")
        assert done.stderr.count("\n") == 1

    @pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
    def test_can_read_that_far(self, name):
        ast.parse((ROOT / "native" / name).read_text(), feature_version=(3, 7))


class TestNothingUp:
    def test_down(self, run):
        assert run("down") == (0, "nothing was up\n", "")

    def test_status(self, run):
        assert run("status") == (1, "not up: `make up` starts it\n", "")

    def test_logs(self, run):
        status, _, complaint = run("logs")
        assert status == 1
        assert complaint.startswith("layercake: not up")

    @pytest.mark.parametrize("command", ["bench", "bench-find-limit"])
    def test_bench(self, run, command):
        status, _, complaint = run(command, RUNG="web-hello")
        assert status == 1
        assert complaint == "layercake: not up: `make up` starts what can be measured\n"

    def test_load(self, run):
        status, _, complaint = run("load")
        assert status == 1
        assert complaint == "layercake: not up: `make up` starts what load can be put on\n"


class TestMenu:
    MAKEFILE = (ROOT / "Makefile").read_text()

    def targets(self):
        return re.findall(r"^([a-z][a-z-]*|\$\(SELDOM\)):.*\n((?:\t.*\n)*)", self.MAKEFILE, re.MULTILINE)

    def menu(self):
        """What is told of, the targets that share a rule by their own names."""
        return re.findall(r"^(?:#: )?([a-z][a-z-]*):  ## ", self.MAKEFILE, re.MULTILINE)

    def test_each_target_is_one_command(self):
        for name, recipe in self.targets():
            assert recipe.count("\n") == 1, name
            if name != "menu":
                assert recipe == f"\t@$(PYTHON) -m native {'$@' if name == '$(SELDOM)' else name}\n"

    def test_at_most_fifteen(self):
        assert len(self.targets()) <= 15

    def test_every_command_is_on_it(self):
        assert sorted(self.menu()) == sorted(["menu", *COMMANDS])

    def test_every_one_on_it_is_a_target(self):
        seldom = re.search(r"^SELDOM = (.*)$", self.MAKEFILE, re.MULTILINE)
        names = {name for name, _ in self.targets()} - {"$(SELDOM)"}
        assert sorted(names | set(seldom[1].split())) == sorted(self.menu())

    def test_make_alone_prints_it(self):
        # Without what the `make test` around us says to its children.
        environ = {
            name: value for name, value in os.environ.items() if "MAKE" not in name and name != "MFLAGS"
        }
        done = subprocess.run(["make"], cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
        lines = done.stdout.splitlines()
        assert [line.split()[:2] for line in lines] == [["make", name] for name in self.menu()]
        assert all(len(line.split()) > 3 for line in lines)
