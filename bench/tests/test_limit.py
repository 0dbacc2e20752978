"""The search for the rate that breaks a rung, and its way back."""

import argparse
import json

import pytest

from bench import compare, limit, result
from bench.complaint import Complaint
from bench.limit import Probe, bisect, recover
from bench.orders import Outcome
from bench.started import site_of


def probe_of(breaks_at):
    """What a rung that breaks at that rate would show."""
    tried = []

    def probe(rate, seconds=2.0):
        tried.append(rate)
        outcome = Outcome(sent=100, ok=100, seconds=seconds)
        outcome.latency.add({1000 if rate < breaks_at else 900_000: 100})
        return Probe(rate, outcome, 100, 50.0)

    return probe, tried


@pytest.mark.parametrize("breaks_at", [25, 90, 1000, 1499, 1900, 5000])
def test_it_is_found(breaks_at):
    probe, tried = probe_of(breaks_at)
    good, bad = bisect(probe, 2000)
    assert good.rate < breaks_at <= bad.rate
    assert bad.rate / good.rate <= 1.05
    assert len(tried) < 40


def test_nothing_works():
    with pytest.raises(Complaint, match=r"even 15.6 requests/s break it \(p99 above 50 ms\)"):
        bisect(probe_of(0)[0], 2000)


def test_one_bad_moment_is_no_limit():
    probe, tried = probe_of(1000)

    def once_bad(rate, seconds=2.0):
        found = probe(rate)
        if len(tried) == 1:
            found.outcome.latency.add({900_000: 100})
        return found

    good, _ = bisect(once_bad, 1000)
    assert good.rate > 900


def test_why():
    assert (
        Probe(5, Outcome(sent=9, ok=8, failed=1, failures={"gone": 1}), 10, 50).why == "1 of 10 failed: gone"
    )
    assert Probe(5, Outcome(sent=9, ok=9, missed=1), 10, 50).why.startswith("1 of 10 were still unsent")
    assert Probe(5, Outcome(sent=9, ok=9), 10, 50).kept


def test_the_way_back():
    answers = iter([False, False, True])

    def probe(rate, seconds):
        outcome = Outcome(sent=1, ok=1, seconds=seconds)
        outcome.latency.add({1000 if next(answers) else 900_000: 1})
        return Probe(rate, outcome, 1, 50.0)

    assert recover(probe, 10) >= 0
    assert next(answers, None) is None


class Rung:
    """A generator whose rung does so many a second, and falls behind by what is more."""

    MOST = 200

    def __init__(self, cores=()):
        self.cores = cores
        self.backlog = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def open(self, goal, _users):
        assert goal.path == "/echo"

    def run(self, window):
        rate = window.rate or self.MOST
        self.backlog = max(self.backlog + (rate / self.MOST - 1) * window.seconds, 0.0)
        done = int(rate * window.seconds)
        outcome = Outcome(sent=done, ok=done, seconds=window.seconds)
        outcome.latency.add({int(self.backlog * 1e6) + 5000: done})
        return outcome


def test_the_whole_search(servers, tmp_path, monkeypatch):
    monkeypatch.setattr(limit, "Load", Rung)
    server = servers("bench.planted")
    options = argparse.Namespace(
        rung="httpd-echo", via="direct", users=4, payload=64, bound=100.0, results=tmp_path
    )
    lines = []
    assert limit.show(options, site_of({"httpd": server}), lines.append) == 0
    [file] = tmp_path.glob("*-limit-httpd-echo/limit.json")
    facts = json.loads(file.read_text())
    assert facts["schema"] == "layercake-limit/1"
    assert 150 < facts["kept"]["rate"] <= 210
    assert facts["kept"]["rate"] < facts["breaks"]["rate"] < 250
    assert [each["kept"] for each in facts["beyond"]][1:] == [False] * 3
    assert facts["recovered_seconds"] is not None
    assert "It keeps" in "\n".join(lines)
    assert len(facts["tried"]) > 6
    html = (file.parent / "report.html").read_text()
    assert "The limit of httpd-echo (direct)" in html
    assert "It keeps" in html
    assert "p99 above 100 ms" in html
    kept = result.read(file.parent)
    assert kept["suite"] == "limit"
    assert kept["findings"] == [facts]
    with pytest.raises(Complaint, match="A has no entries to compare: its suite, limit, measures"):
        compare.compare(kept, kept)


def test_no_such_rung(tmp_path):
    options = argparse.Namespace(
        rung="cellar", via="direct", users=4, payload=64, bound=50.0, results=tmp_path
    )
    with pytest.raises(Complaint, match="there is no cellar in the suite ladder: it has tcp-echo, "):
        limit.show(options, site_of({}), print)
