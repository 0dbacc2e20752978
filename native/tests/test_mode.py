"""Containers where an engine answers, local processes elsewhere; MODE decides. A script plays docker."""

import pytest

from native.mode import Mode, ask_engine, decide
from native.problem import Problem


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """Put a docker on the PATH that answers with these shell lines; no other program is there."""

    def install(*lines):
        script = tmp_path / "docker"
        script.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        script.chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path))
    return install


ANSWERS = ('case "$1" in info) echo 28.0.1;; compose) echo 2.40.3;; esac',)
NO_ENGINE = (
    'echo "Client:"; echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1',
)


def test_an_engine_that_answers(docker):
    docker(*ANSWERS)
    mode = decide({})
    assert mode == Mode("docker", "Docker 28.0.1 answers, with Compose 2.40.3")
    assert str(mode) == "containers: Docker 28.0.1 answers, with Compose 2.40.3"


def test_mode_docker_says_so(docker):
    docker(*ANSWERS)
    assert decide({"MODE": "docker"}).reason.startswith("MODE=docker, and Docker 28.0.1 answers")


def test_no_docker_at_all(docker):
    assert decide({}) == Mode("native", "there is no docker command")


def test_a_docker_without_an_engine(docker):
    docker(*NO_ENGINE)
    mode = decide({})
    assert mode.name == "native"
    assert "no Docker engine answers (Cannot connect to the Docker daemon" in mode.reason
    assert "\n" not in str(mode)


def test_a_docker_that_prints_and_fails(docker):
    """Docker has been known to print what it knows of itself, and then to fail."""
    docker("echo 28.0.1; exit 1")
    assert decide({}).name == "native"


def test_an_engine_without_compose(docker):
    docker('[ "$1" = info ] && echo 28.0.1 && exit; echo "unknown command: docker compose" >&2; exit 1')
    assert ask_engine().missing == "Docker 28.0.1 answers, but it has no Compose"


def test_an_engine_that_is_too_old(docker):
    docker('case "$1" in info) echo 24.0.7;; compose) echo 2.40.3;; esac')
    assert decide({}) == Mode("native", "Docker 24.0.7 answers, but is older than 25")


@pytest.mark.parametrize("version", ["1.29.2", "v2.9.0", "2.23.3-desktop.2"])
def test_a_compose_that_is_too_old(docker, version):
    docker(f'case "$1" in info) echo 25.0;; compose) echo {version};; esac')
    assert ask_engine().missing == f"Docker 25.0 answers, but its Compose {version} is older than 2.24"
    assert decide({}).name == "native"


@pytest.mark.parametrize("version", ["2.24.0", "v2.40.3-desktop.1", "5.0.1"])
def test_a_compose_that_is_not(docker, version):
    docker(f'case "$1" in info) echo 25.0;; compose) echo {version};; esac')
    assert decide({}).name == "docker"


def test_mode_native_asks_nobody(docker):
    docker(*ANSWERS)
    assert decide({"MODE": "native"}) == Mode("native", "MODE=native")


def test_mode_docker_without_an_engine(docker):
    docker(*NO_ENGINE)
    with pytest.raises(
        Problem, match=r"MODE=docker, but no Docker engine answers .*start Docker, or use MODE"
    ):
        decide({"MODE": "docker"})


def test_an_unknown_mode():
    with pytest.raises(Problem, match="MODE=podman is not known: use MODE=docker or MODE=native"):
        decide({"MODE": "podman"})


def test_an_engine_that_hangs(docker, monkeypatch):
    monkeypatch.setattr("native.mode.ANSWER_WITHIN", 0.2)
    docker("while :; do :; done")
    assert "does not answer in time" in ask_engine().missing
