"""A run's figures in the documentation: those of the run, in the place that is theirs, and nowhere else."""

import pytest

from bench import record as recording
from bench.complaint import Complaint
from bench.record import markdown, put, record
from bench.suites import SUITES
from comparisons.suites import NAMES


def entry(name, cpu, *, via="direct", **more):
    return {
        "name": name, "title": name, "via": via, "protocol": "http", "exchange": "hello", "connections": 16,
        "served": 16, "wrong": 0, "candidate": name, "client_limited": False,
        "cpu_us": {"server": {"median": cpu}},
        "open": {"latency": {"p50": 150.0, "p99": 900.0}}, "closed": {"throughput": {"median": 12345.6}},
    } | more  # fmt: skip


def result(*entries, **more):
    return {
        "suite": "ladder", "mode": "native", "started": "2026-11-20T20:00:00+00:00", "quick": False,
        "complete": True, "stopped": "", "settings": {"rounds": 5}, "versions": {},
        "machine": {"processor": "Some CPU", "cores": 2, "system": "Linux", "python": "3.11.7"},
        "audit": {"checks": [{"name": "all is well", "passed": True}]}, "entries": list(entries),
    } | more  # fmt: skip


def cards(*names, failures=()):
    return [
        {"name": name, "title": name.upper(), "versions": {"python": "3.14.8"},
         "conformance": {"http": {"passed": 24 - len(failures), "total": 24, "failures": list(failures)}}}
        for name in names
    ]  # fmt: skip


def test_a_rung_and_what_nginx_adds_to_it():
    text = markdown(result(entry("web hello", 200.0), entry("web hello", 260.0, via="nginx")))
    assert "Some CPU, 2 cores, Linux, Python 3.11.7, local processes; 5 rounds." in text
    assert "| web hello | 200 µs | 60.0 µs | 150 µs | 900 µs | 12,346/s |" in text


def test_what_speaks_against_a_run_is_said():
    failed = {"checks": [{"name": "Little's law", "passed": False}]}
    text = markdown(result(entry("a", 1.0, client_limited=True), quick=True, audit=failed))
    assert "a quick run" in text
    assert "**audit not passed** (Little's law)" in text
    assert "12,346/s, the client's limit" in text


def test_candidates_with_the_cheapest_first_and_who_is_wrong():
    cheap, dear = entry("cheap", 10.0, wrong=3), entry("dear", 20.0)
    left = [{"name": "gone", "title": "Gone", "reason": "no network"}]
    found = {"candidates": cards("cheap", "dear", failures=[("case", "what")]), "left_out": left}
    text = markdown(result(dear, cheap, suite="servers", **found))
    assert text.index("| CHEAP | 10.0 µs | 900 µs | 12,346/s | **wrong bytes** |") < text.index("| DEAR |")
    assert "| 23 of 24 |" in text
    assert "Python 3.14.8" in text
    assert "Left out: Gone" in text


def test_a_curve_says_how_many_were_served():
    entries = [entry("m", 9.0, connections=1, served=1), entry("m", 11.0, connections=256, served=8)]
    text = markdown(result(*entries, suite="models", candidates=cards("m"), left_out=[]))
    assert "| M | 9.00 µs | 12,346/s | 12,346/s (8 served) |" in text


def test_places_beside_what_was_measured():
    finding = {"title": "sync", "kind": "long polls", "predicted": 4, "starved_by": 4, "served_with": 3}
    text = markdown(result(suite="starvation", candidates=cards("sync"), findings=[finding]))
    assert "| sync | long polls | 4 | 4 | 3 |" in text


def test_only_its_own_place_is_written(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- a -->\nold\n<!-- /a -->\n<!-- b -->\nkept\n<!-- /b -->\n")
    put(page, "a", "new")
    assert page.read_text() == "before\n<!-- a -->\nnew\n<!-- /a -->\n<!-- b -->\nkept\n<!-- /b -->\n"
    with pytest.raises(Complaint, match=r"page.md has no place .* <!-- c -->"):
        put(page, "c", "new")


def test_half_a_run_is_not_recorded():
    with pytest.raises(Complaint, match="not recorded"):
        record(result(complete=False, stopped="interrupted"))


@pytest.mark.parametrize("mode", ["native", "docker"])
@pytest.mark.parametrize("suite", ["ladder", *NAMES])
def test_each_suite_has_its_place(suite, mode, tmp_path, monkeypatch):
    assert suite in {*SUITES, *NAMES}
    for name in ("DOCS", "README"):
        copy = tmp_path / name
        copy.write_bytes(getattr(recording, name).read_bytes())
        monkeypatch.setattr(recording, name, copy)
    more = {} if suite == "ladder" else {"candidates": cards("a"), "left_out": []}
    pages = record(result(entry("a", 77.5), suite=suite, mode=mode, **more))
    assert len(pages) == (2 if (suite, mode) == ("ladder", "native") else 1)
    for page in pages:
        assert "77.5 µs" in page.read_text()
