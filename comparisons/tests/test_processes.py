"""Candidates as local processes: started for real, from nothing but the standard library."""

import urllib.request

import pytest

from comparisons import environments, place
from comparisons.place import LeftOut
from comparisons.processes import Processes
from comparisons.table import Candidate


@pytest.fixture(autouse=True)
def needs(monkeypatch, tmp_path):
    """Groups need what a test writes into these files; nothing, unless it does."""
    folder = tmp_path / "requirements"
    folder.mkdir()
    monkeypatch.setattr(environments, "path_of", lambda group: folder / f"{group}.txt")
    return folder


@pytest.fixture
def here(tmp_path):
    there = Processes(
        tmp_path / "run", {"PATH": "/usr/bin:/bin", "PYTHONPATH": "/nowhere", "KEPT": "yes"}, {}
    )
    yield there
    there.down()


def candidate(command, **more):
    return Candidate(
        name="one", title="One", server="", settings="", reason="",
        command=f"{{python}} -c '{command}' {{host}} {{port}} {{tmp}}", **more,
    )  # fmt: skip


SERVE = (
    "import os, sys; from wsgiref.simple_server import make_server as make; "
    "make(sys.argv[1], int(sys.argv[2]), lambda environ, start: "
    '(start("200 OK", []), [os.environ[environ["PATH_INFO"][1:]].encode()])[1]).serve_forever()'
)


def ask(running, name):
    with urllib.request.urlopen(f"http://{running.address}/{name}", timeout=60) as response:
        return response.read().decode()


def test_one_that_runs(here, tmp_path):
    found = here.up([candidate(SERVE, environment={"DEPTH": "below {tmp}"})], lambda _: None)
    one = found.running["one"]
    assert found.left_out == {}
    assert ask(one, "DEPTH") == f"below {tmp_path}/run/tmp/one"
    assert ask(one, "HOME") == f"{tmp_path}/run/tmp/one"
    assert ask(one, "KEPT") == "yes"
    assert "/nowhere" not in ask(one, "PYTHONPATH")
    assert one.versions["python"].startswith("3.")
    assert len(one.hop().pids) == 1
    assert one.ended() == ""
    here.down()
    assert one.ended()
    assert not one.hop().pids or not one.hop().lives


def test_who_needs_redis_is_told_where_it_is(tmp_path):
    there = Processes(tmp_path, {"PATH": "/usr/bin:/bin"}, {"REDIS_URL": "redis://there"})
    try:
        one = there.up([candidate(SERVE, needs=("redis",))], lambda _: None).running["one"]
        assert ask(one, "REDIS_URL") == "redis://there"
    finally:
        there.down()


def test_one_that_ends_says_why(here):
    found = here.up([candidate('raise SystemExit("first\\nno such setting: Fahrenheit")')], lambda _: None)
    assert found.left_out == {"one": "it did not start: no such setting: Fahrenheit"}


def test_one_that_never_listens(here, monkeypatch):
    monkeypatch.setattr(place, "PATIENCE", 0.2)
    found = here.up([candidate("import time; time.sleep(600)")], lambda _: None)
    assert found.left_out == {"one": "it did not start: no answer within 0.2 s"}


def test_one_that_can_not_be_installed(here, needs):
    (needs / "one.txt").write_text(
        f"nothing @ file:///no-such-folder/nothing-1-py3-none-any.whl --hash=sha256:{'0' * 64}\n"
    )
    found = here.up([candidate(SERVE)], lambda _: None)
    assert found.running == {}
    assert "it can't be installed here: " in found.left_out["one"]
    assert "no-such-folder" in found.left_out["one"]


def test_a_command_that_is_not_there(here):
    missing = Candidate(
        name="one", title="", server="", settings="", reason="", command="{bin}/uwsgi --http {host}:{port}"
    )
    found = here.up([missing], lambda _: None)
    assert found.left_out["one"].startswith("it can't be started: No such file or directory: ")


def test_an_environment_is_made_once(tmp_path, needs):
    folder = tmp_path / "environments"
    python = environments.python_of("one", folder)
    made = python.stat(follow_symlinks=False).st_ctime_ns
    assert environments.python_of("one", folder).stat(follow_symlinks=False).st_ctime_ns == made
    (needs / "one.txt").write_text("# nothing, but another nothing\n")
    other = environments.python_of("one", folder)
    assert other != python
    assert not python.exists()


def test_what_uv_says_is_one_sentence():
    said = (
        "  × No solution found:\n  ╰─▶ Because a has no wheels and b needs a,\n      we can't.\n\nhint: no\n"
    )
    assert environments.reason(said) == "No solution found: Because a has no wheels and b needs a, we can't."


def test_a_long_reason_is_cut():
    with pytest.raises(LeftOut, match=r"…$"):
        raise LeftOut(place.last_line("x" * 1000))
