"""The Compose file that is made of a table. (With an engine: ../containers.)"""

import json

import pytest

from comparisons.boxes import Boxes, reason
from comparisons.table import Candidate

ONE = Candidate(
    name="one", title="One", server="", settings="", reason="", group="pair",
    uses=("serving", "httpd", "web"), environment={"KEY": "{tmp}/key"}, needs=("redis",),
    command="{python} -m one --listen {host}:{port} --price '$5'",
)  # fmt: skip


@pytest.fixture
def file(tmp_path):
    def write(*, redis):
        boxes = Boxes(tmp_path, "two", redis=redis)
        boxes.services = {"one": boxes.service(ONE)}
        boxes.write()
        return json.loads(boxes.file.read_text())

    return write


def test_a_service_each_with_a_profile_of_its_own(file):
    one = file(redis=False)["services"]["one"]
    assert one["profiles"] == ["one"]
    assert one["command"] == ["python", "-m", "one", "--listen", "0.0.0.0:8000", "--price", "$$5"]
    assert one["build"]["args"] == {"GROUP": "pair", "USES": "serving httpd web", "SHOWS": "docs/lessons"}
    assert one["environment"] == {"HOME": "/tmp", "KEY": "/tmp/key"}


def test_nobody_may_do_more_than_the_stack(file):
    one = file(redis=False)["services"]["one"]
    assert one["read_only"]
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["mem_limit"]
    assert one["pids_limit"]
    assert all(port.startswith("127.0.0.1:") for port in one["ports"])


def test_on_the_stacks_network_where_that_is_up(file):
    alone, beside = file(redis=False), file(redis=True)
    assert alone["networks"]["internal"] == {"internal": True}
    assert beside["networks"]["internal"]["external"]
    assert beside["services"]["one"]["environment"]["REDIS_URL"] == "redis://redis:6379/0"
    assert beside["services"]["one"]["volumes"] == ["redis-password:/run/secrets/redis:ro"]


def test_a_project_and_images_beside_the_stack_s(file):
    whole = file(redis=True)
    assert whole["name"] == "two-comparisons"
    assert whole["services"]["one"]["image"] == "two-comparisons-pair"
    assert whole["networks"]["internal"]["name"] == "two_internal"
    assert whole["volumes"]["redis-password"]["name"] == "two_redis-password"


def test_what_pip_says_is_the_reason():
    said = "#9 12.3 ERROR: No matching distribution found for x==1\n#9 ERROR: process pip: 1\nnot solved\n"
    assert reason(said) == "No matching distribution found for x==1"
    assert reason("no engine\n") == "no engine"
