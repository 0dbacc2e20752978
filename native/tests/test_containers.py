"""What is read from Compose's answers. A script plays docker; the containers' own tests have a real one."""

import json
from itertools import pairwise

import pytest

from native.containers import Containers, project
from native.ports import Listener
from native.problem import Problem
from native.run_dir import ROOT, RunDir
from native.settings import Settings, read
from native.stack import settings_of
from native.suite import on_free_ports, surroundings

HEALTHY = {
    "Name": "layercake-web-1", "Service": "web", "State": "running", "Health": "healthy",
    "Labels": f"com.docker.compose.service=web,com.docker.compose.project.working_dir={ROOT},other=a=b",
    "Status": "Up 3 seconds (healthy)", "Publishers": [{"URL": "127.0.0.1", "PublishedPort": 8002}],
}  # fmt: skip
SICK = {**HEALTHY, "Name": "layercake-tcp-1", "Service": "tcp", "Health": "unhealthy"}
ENDED = {
    **HEALTHY, "Name": "layercake-nginx-1", "Service": "nginx", "State": "exited", "Health": "",
    "Status": "Exited (1) 2 seconds ago", "Publishers": None,
}  # fmt: skip


@pytest.fixture
def docker(tmp_path, monkeypatch, run_dir):
    """A stack whose docker answers as the test says, and keeps the command lines."""

    def install(answer="", status=0, images=""):
        (tmp_path / "answer").write_text(answer)
        (tmp_path / "images").write_text(images)
        script = tmp_path / "docker"
        script.write_text(
            f'#!/bin/sh\necho "$@" >> {tmp_path}/said\n'
            f'case "$1 $2" in "image ls") name=images;; *) name=answer;; esac\n/bin/cat {tmp_path}/$name\n'
            f'echo "the complaint" >&2\nexit {status}\n'
        )
        script.chmod(0o755)
        return Containers(read({}), run_dir, {"PATH": str(tmp_path)})

    monkeypatch.setenv("PATH", str(tmp_path))
    return install


def lines(*containers):
    return "\n".join(json.dumps(container) for container in containers)


def test_a_line_a_container(docker):
    assert docker(lines(HEALTHY, SICK)).containers == [HEALTHY, SICK]


def test_an_array_from_an_older_compose(docker):
    assert docker(json.dumps([HEALTHY, SICK])).containers == [HEALTHY, SICK]


def test_none(docker):
    assert docker("").containers == []
    assert not docker("").exists
    assert not docker("").status()


def test_another_checkout_s_containers_are_not_touched(docker, tmp_path):
    """A second clone on the same machine has a project of the same name."""
    theirs = {**HEALTHY, "Labels": f"com.docker.compose.project.working_dir={tmp_path}"}
    stack = docker(lines(theirs))
    assert not stack.exists
    for attempt in (stack.up, stack.down):
        with pytest.raises(Problem, match=f"belong to {tmp_path}: `make down` there first"):
            attempt()


def test_a_checkout_that_was_moved(docker):
    moved = {**HEALTHY, "Labels": "com.docker.compose.project.working_dir=/nowhere"}
    assert docker(lines(moved)).exists


def test_who_is_sick(docker):
    stack = docker(lines(HEALTHY, SICK, ENDED))
    assert stack.sick == {"layercake-tcp-1": "unhealthy", "layercake-nginx-1": "Exited (1) 2 seconds ago"}
    assert not stack.status()
    assert docker(lines(HEALTHY)).status()


def test_the_complaint_names_them(docker):
    said = str(docker(lines(HEALTHY, SICK, ENDED)).failure())
    assert said.splitlines()[-1] == "not healthy: tcp, nginx; mend what stands above, and `make up` again"
    assert "--- nginx: Exited (1) 2 seconds ago; its last lines:" in said


def test_the_complaint_has_the_health_check_s_words(docker):
    said = str(docker(lines(SICK) + "\n").failure())
    assert said.startswith("--- tcp: unhealthy (the complaint); its last lines:")


def test_logs_of_what_is_not_there(docker):
    """Compose prints nothing, and calls that a success."""
    with pytest.raises(Problem, match="no logs of webb: `make status` names"):
        docker(lines(HEALTHY)).logs(follow=False, service="webb")


def test_what_is_going_to_be_published(docker):
    configuration = {
        "services": {
            "nginx": {"ports": [{"published": "8080", "host_ip": "0.0.0.0", "target": 8080}]},
            "web": {"ports": [{"published": "8002", "host_ip": "127.0.0.1"}, {"target": 1}]},
            "redis": {},
        }
    }
    assert docker(json.dumps(configuration)).listeners() == [
        Listener("HTTP_PORT", "0.0.0.0", 8080),
        Listener("WEB_DIRECT_PORT", "127.0.0.1", 8002),
    ]


def test_docker_that_fails(docker):
    with pytest.raises(Problem, match="docker compose ps failed: the complaint"):
        docker("", status=1).exists  # noqa: B018


def test_down_reaches_every_profile(docker, tmp_path):
    assert not docker("").stop()
    assert "--profile * down --remove-orphans" in (tmp_path / "said").read_text()


class TestClean:
    """What `make clean` asks docker for."""

    def asked(self, tmp_path):
        return (tmp_path / "said").read_text().splitlines()

    def test_the_stack_s_volumes_and_images_go(self, docker, tmp_path, run_dir):
        docker("").remove()
        [down] = [line for line in self.asked(tmp_path) if " down " in line]
        assert f"--project-name {project(run_dir)} " in down
        assert down.endswith(" down --remove-orphans --volumes --rmi local")

    def test_the_comparisons_images_go_and_nobody_else_s(self, docker, tmp_path, run_dir):
        docker("", images="aaa\nbbb\naaa\n").remove()
        listed, removed = [line for line in self.asked(tmp_path) if line.startswith("image ")]
        label = f"label=com.docker.compose.project={project(run_dir)}-comparisons"
        assert listed == f"image ls --quiet --filter {label}"
        assert removed == "image rm --force aaa bbb"

    def test_where_there_are_none_nothing_is_removed(self, docker, tmp_path):
        docker("").remove()
        assert not [line for line in self.asked(tmp_path) if line.startswith("image rm")]

    def test_containers_of_a_run_that_was_killed_go_first(self, docker, tmp_path, run_dir):
        file = run_dir.path / "comparisons" / "compose.json"
        file.parent.mkdir()
        file.write_text("{}")
        docker("", images="aaa\n").remove()
        left = f"compose --file {file} --profile * down --timeout 1 --remove-orphans"
        asked = self.asked(tmp_path)
        assert asked.index(left) < asked.index("image rm --force aaa")

    def test_an_image_that_can_not_be_removed_is_said(self, docker):
        with pytest.raises(Problem, match="docker image ls failed: the complaint"):
            docker("", status=1).remove_comparisons()


def test_a_profile_is_started_where_its_variable_is_1(run_dir):
    def profiles(**given):
        words = Containers(read(given), run_dir, {}).compose("up")
        return [name for option, name in pairwise(words) if option == "--profile"]

    assert profiles() == []
    assert profiles(SERVERS="1") == ["servers"]
    assert profiles(MODELS="1", SERVERS="1") == ["models", "servers"]


def test_a_second_stack_is_another_project():
    assert project(RunDir(ROOT / ".run")) == "layercake"
    assert project(RunDir(ROOT / "other")).startswith("layercake-")
    assert project(RunDir(ROOT / "other")) != project(RunDir(ROOT / "another"))


class TestItsName:
    NAMED = read({"COMPOSE_PROJECT_NAME": "two"})

    def test_as_it_is_told(self, run_dir):
        stack = Containers(self.NAMED, run_dir, {})
        assert stack.compose("ps")[:4] == ["docker", "compose", "--project-name", "two"]
        assert project(run_dir, read({})) == project(run_dir)

    def test_down_goes_by_the_name_that_it_was_started_with(self, docker, run_dir, tmp_path):
        docker(lines(HEALTHY))
        run_dir.record(mode="docker", settings=dict(self.NAMED))
        environ = {"PATH": str(tmp_path)}
        Containers(settings_of(run_dir.recorded(), environ), run_dir, environ).stop()
        said = (tmp_path / "said").read_text()
        assert "compose --project-name two --profile * down" in said

    def test_another_name_would_lose_sight_of_the_one_that_is_up(self, docker, run_dir):
        run_dir.record(mode="docker", settings=dict(self.NAMED))
        with pytest.raises(
            Problem, match=r"it is up as two: `make down` first, or bring layercake-.* up with"
        ):
            docker(lines(HEALTHY)).up()

    def test_the_stack_under_test_has_its_own(self, run_dir):
        free = on_free_ports(self.NAMED)
        assert project(run_dir, free) == project(run_dir)
        assert surroundings("docker", free, run_dir)["COMPOSE_PROJECT_NAME"] == project(run_dir)

    @pytest.mark.parametrize("name", ["Two", "-two", "two stacks", "t" * 41, "../two"])
    def test_one_that_compose_would_not_take(self, name):
        with pytest.raises(Problem, match=r"COMPOSE_PROJECT_NAME=.* is not right: set it to up to 40 small"):
            read({"COMPOSE_PROJECT_NAME": name})


def test_ipv6_as_compose_wants_it(run_dir):
    settings = Settings({**read({}), "BIND": "::1"})
    assert Containers(settings, run_dir, {}).environ["BIND"] == "[::1]"
