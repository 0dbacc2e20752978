"""The logs of the local processes, read while they are written and rotated."""

import pytest

from native import logs
from native.problem import Problem


@pytest.fixture
def log(run_dir):
    """Write to a program's log."""

    def write(name, text, mode="a"):
        with (run_dir.logs / f"{name}.log").open(mode) as file:
            file.write(text)

    return write


def test_the_last_lines(run_dir, log):
    log("web", "".join(f"line {number}\n" for number in range(100)))
    assert logs.last(run_dir, "web") == [f"line {number}" for number in range(80, 100)]


def test_a_long_line_does_not_fill_the_memory(run_dir, log):
    log("web", "x" * 10_000_000 + "\nlast\n")
    assert logs.last(run_dir, "web")[-1] == "last"
    assert len(logs.last(run_dir, "web")[0]) <= logs.WINDOW


def test_one_of_several(run_dir, log, capsys):
    log("httpd", "one\n")
    log("httpd-wsgi", "two\n")
    log("locust-worker-0", "three\n")
    log("locust-worker-1", "four\n")
    assert logs.last(run_dir, "httpd") == ["one"]
    assert logs.last(run_dir, "locust-worker") == ["three", "four"]
    logs.show(run_dir, follow=False)
    assert {line.split(" | ")[1] for line in capsys.readouterr().out.splitlines()} == {
        "one",
        "two",
        "three",
        "four",
    }


def test_the_supervisor_s_words_where_there_are_no_others(run_dir):
    (run_dir.logs / "supervisord.out").write_text("Error: no such file\n")
    assert logs.last(run_dir, "web") == ["Error: no such file"]


def test_nobody(run_dir):
    with pytest.raises(Problem, match="there are no logs of anything"):
        logs.show(run_dir, follow=False)


def test_what_is_added(run_dir, log):
    log("web", "before\n")
    path = run_dir.logs / "web.log"
    ends = {path: logs.tail(path)[1]}
    assert list(logs.added(ends)) == []
    log("web", "one\ntwo\nhal")
    assert list(logs.added(ends)) == [(path, "one"), (path, "two")]
    log("web", "f\n")
    assert list(logs.added(ends)) == [(path, "half")]


def test_a_rotation(run_dir, log):
    log("web", "before, and long enough\n")
    path = run_dir.logs / "web.log"
    ends = {path: logs.tail(path)[1]}
    path.unlink()
    assert list(logs.added(ends)) == []
    log("web", "new\n")
    assert list(logs.added(ends)) == [(path, "new")]
