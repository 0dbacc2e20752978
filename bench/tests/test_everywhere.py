"""Who computes may use the load's core as well; whoever else is compared may not."""

import os

from bench import contend as module
from bench.contend import contend
from bench.cores import split
from bench.progress import Progress
from bench.rounds import Plan
from comparisons.processes import Processes
from comparisons.table import Candidate, Comparison, Exchange

ECHO = Exchange(job="echo", protocol="http", path="/echo")
LONG = Exchange(job="echo", protocol="http", path="/echo", name="long", everywhere=True)

SUITE = Comparison(
    name="frameworks",
    title="One",
    question="Where?",
    candidates=(
        Candidate(
            name="plain", title="Plain", command="{python} -m bench.planted --listen {host}:{port}",
            server="ours", settings="none", reason="It answers.", exchanges=(ECHO, LONG),
        ),
    ),
    conformance=False,
)  # fmt: skip

PLAN = Plan(rounds=1, rate=20, users=2, payload=64, open_seconds=0.1, closed_seconds=0.1)


def test_where_servers_run_while_they_are_measured(tmp_path, monkeypatch):
    measured, seen = module.measured, []

    def watched(load, hops, window):
        seen.append(frozenset(os.sched_getaffinity(hops["service"].pids[0])))
        return measured(load, hops, window)

    monkeypatch.setattr(module, "measured", watched)
    monkeypatch.setattr("comparisons.environments.path_of", lambda group: tmp_path / group)
    monkeypatch.setattr(Progress, "show", lambda *_: None)
    contend(SUITE, PLAN, Processes(tmp_path, os.environ, {}))
    everywhere = frozenset(os.sched_getaffinity(0))
    own = frozenset(split().stack) or everywhere
    assert seen == [own, own, everywhere, everywhere]
