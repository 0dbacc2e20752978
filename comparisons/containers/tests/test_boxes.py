"""A candidate in a container, with an nginx before it: built, started, asked and ended by a real engine."""

import json
import urllib.request
import uuid
from dataclasses import replace

import pytest

from bench.engine import docker
from comparisons import requirements
from comparisons.boxes import Boxes
from comparisons.proxy import kept
from comparisons.table import Candidate, Way


def candidate(name, command):
    return Candidate(
        name=name, title=name, server="", settings="", reason="", command=command,
        group="test-bare", uses=("serving", "httpd"),
    )  # fmt: skip


GOOD = candidate("good", "{python} -m httpd --listen {host}:{port}")
BAD = candidate("bad", "{python} -c 'raise SystemExit(\"no such thing\")' {host} {port}")


@pytest.fixture
def boxes(tmp_path):
    there = Boxes(tmp_path, f"layercake-test-{uuid.uuid4().hex[:8]}", redis=False)
    yield there
    there.down()
    if built := images(there):
        docker("image", "rm", "--force", *built)


def images(boxes):
    """What it has built, as `make clean` asks for it."""
    label = f"label=com.docker.compose.project={boxes.project}"
    return {*docker("image", "ls", "--quiet", "--filter", label).split()}


def get(address):
    with urllib.request.urlopen(f"http://{address}/hello", timeout=60) as response:
        return response.read().decode()


def test_up_and_down(boxes):
    up = boxes.up([GOOD, BAD], lambda _: None)
    assert up.left_out == {"bad": "it did not start: no such thing"}
    good = up.running["good"]
    assert get(good.address).startswith("Hello")
    assert good.versions["python"].startswith("3.")
    assert good.hop().pids
    facts = json.loads(docker("inspect", boxes.container("good").name))[0]
    assert facts["Config"]["User"] == "layercake"
    assert facts["HostConfig"]["ReadonlyRootfs"]
    way = boxes.front(Way("nginx", kept), [boxes.behind(good, "http", 0)])
    assert get(way.ports["good"]).startswith("Hello")
    assert len(images(boxes)) == 1  # a group's
    boxes.down()
    assert (
        docker("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={boxes.project}")
        == ""
    )


def test_what_can_not_be_installed_is_left_out_with_the_reason(boxes):
    file = requirements.path_of("test-none")
    file.write_text(f"nothing @ file:///no-such-folder/nothing-1-py3-none-any.whl --hash=sha256:{'0' * 64}\n")
    try:
        none = replace(GOOD, name="none", group="test-none")
        up = boxes.up([none], lambda _: None)
    finally:
        file.unlink()
    assert up.running == {}
    assert up.left_out["none"].startswith("it can't be installed here: ")
    assert "no-such-folder" in up.left_out["none"]
