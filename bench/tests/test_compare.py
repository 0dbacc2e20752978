"""Which differences are called real, and what is not compared at all."""

import copy
import json

import pytest

from bench import compare
from bench.complaint import Complaint
from bench.figures import Figure
from bench.result import SCHEMA


def entry(name, cpu, throughput, limited=False):
    return {
        "name": name, "title": name, "via": "direct", "client_limited": limited,
        "cpu_us": {"server": Figure.of(cpu).as_json()},
        "closed": {"throughput": Figure.of(throughput).as_json()},
    }  # fmt: skip


CPU = [100, 103, 98, 101, 104]
MANY = [9000, 9100, 8900, 9050, 8950]


def run(cpu=CPU, throughput=MANY, **more):
    return {
        "schema": SCHEMA, "suite": "ladder", "mode": "native", "started": "2026-11-20T15:00:00+00:00",
        "machine": {"processor": "Abacus", "cores": 2},
        "settings": {"rate": 500, "users": 16, "payload": 64, "open_seconds": 1.6, "closed_seconds": 1.0},
        "road": "127.0.0.1", "pinned": True, "audit": {"passed": True},
        "versions": {"layercake": "abc"}, "stack": {"WEB_WORKERS": "1"},
        "entries": [entry("tcp", cpu, throughput), entry("web", [400] * 5, [2000] * 5)], **more,
    }  # fmt: skip


def real(a, b):
    return [each.what for each in compare.compare(a, b) if each.real]


def times(values, factor):
    return [value * factor for value in values]


def test_the_same_thing_twice():
    again = run([102, 99, 97, 104, 103], [8980, 9010, 9120, 8890, 9060])
    assert real(run(), again) == []
    assert len(compare.compare(run(), again)) == 4


@pytest.mark.parametrize("factor", [1.2, 1 / 1.2])
def test_a_fifth_more_or_less_is_found(factor):
    assert real(run(), run(times(CPU, factor))) == ["tcp (direct), processor time"]
    assert real(run(), run(CPU, times(MANY, factor))) == ["tcp (direct), throughput"]


def test_what_two_runs_of_the_same_thing_may_differ_by():
    """Every round is above every other, and yet it may be the hour."""
    [found, *_] = compare.compare(run(), run(times(CPU, 1.08)))
    assert found.chance < 0.01
    assert not found.real


def test_rounds_that_lie_among_each_other_are_not_told_apart():
    wild = [70, 180, 95, 160, 140]
    assert real(run(), run(wild)) == []


def test_no_throughput_where_the_client_was_the_limit():
    limited = run()
    limited["entries"][0]["client_limited"] = True
    assert "tcp (direct), throughput" not in [each.what for each in compare.compare(run(), limited)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"suite": "push"}, r"suite \(ladder and push\)"),
        ({"mode": "docker"}, r"mode \(native and docker\)"),
        ({"machine": {"processor": "Loom", "cores": 2}}, r"processor \(Abacus and Loom\)"),
        ({"pinned": False}, "core for the load"),
        ({"road": "published ports"}, "road to the stack"),
    ],
)
def test_unlike_with_unlike(change, words):
    with pytest.raises(Complaint, match=f"can't be compared, as they differ in {words}"):
        compare.compare(run(), run(**change))


@pytest.mark.parametrize("name", ["rate", "users", "payload", "open_seconds"])
def test_other_settings(name):
    other = copy.deepcopy(run())
    other["settings"][name] = 1
    with pytest.raises(Complaint, match="can't be compared"):
        compare.compare(run(), other)


def test_a_run_that_failed_its_audit():
    with pytest.raises(Complaint, match="B has failed its audit"):
        compare.compare(run(), run(audit={"passed": False}))


def test_too_few_rounds():
    with pytest.raises(Complaint, match="3 rounds are too few"):
        compare.compare(run(), run(CPU[:3], MANY[:3]))


def test_nothing_in_common():
    with pytest.raises(Complaint, match="no rung in common"):
        compare.compare(run(), run(entries=[entry("other", CPU, MANY)]))


class TestShow:
    @pytest.fixture
    def folders(self, tmp_path):
        def write(name, members):
            (tmp_path / name).mkdir()
            (tmp_path / name / "result.json").write_text(json.dumps(members))
            return tmp_path / name

        return write

    def test_what_is_printed(self, folders):
        lines = []
        a, b = folders("a", run()), folders("b", run(times(CPU, 1.5), stack={"WEB_WORKERS": "2"}))
        assert compare.show(a, b, lines.append) == 1
        text = "\n".join(lines)
        assert "WEB_WORKERS: 1 and 2" in text
        assert "+50.0%" in text
        assert "1 of 4 differences are real" in text

    def test_no_difference(self, folders):
        lines = []
        assert compare.show(folders("a", run()), folders("b", run()), lines.append) == 0
        assert lines[-1] == "\nNo difference was found in 4 figures."

    def test_what_is_no_result(self, folders, tmp_path):
        with pytest.raises(Complaint, match="holds no result that can be read"):
            compare.show(tmp_path / "none", tmp_path, print)
        (tmp_path / "text").write_text("text")
        with pytest.raises(Complaint, match="is not JSON"):
            compare.show(tmp_path / "text", tmp_path, print)
        with pytest.raises(Complaint, match="has the schema other/1, and this bench reads layercake-bench/1"):
            compare.show(folders("c", {"schema": "other/1"}), tmp_path, print)


def paced(median):
    return {"median": median, "low": median * 0.9, "high": median * 1.1}


def test_a_slower_hour_is_no_difference(capsys, tmp_path):
    """Processor time took half as long again, and so did what never changes."""
    a, slow = run(pace=paced(300_000)), run(times(CPU, 1.5), pace=paced(200_000))
    slow["entries"][1] = entry("web", [600] * 5, [2000] * 5)
    assert real(a, slow) == []
    assert [each.b for each in compare.compare(a, slow)] == pytest.approx([101, 9000, 400, 2000], rel=1e-4)
    for name, each in (("a", a), ("b", slow)):
        (tmp_path / f"{name}.json").write_text(json.dumps(each))
    assert compare.show(tmp_path / "a.json", tmp_path / "b.json", print) == 0
    assert "B's core ran at 67% of A's pace" in capsys.readouterr().out


def test_a_difference_of_the_pace_hides_none_and_makes_none():
    a = run(pace=paced(300_000))
    slower = run(times(CPU, 1.5 * 1.2), times(MANY, 0.8), pace=paced(200_000))
    slower["entries"].pop()
    assert real(a, slower) == ["tcp (direct), processor time", "tcp (direct), throughput"]


def test_a_core_that_slept_is_not_compared_with_one_that_did_not():
    with pytest.raises(Complaint, match=r"core kept awake \(True and False\)"):
        compare.compare(run(pace=paced(300_000)), run(pace=None))
