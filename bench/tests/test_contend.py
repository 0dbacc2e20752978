"""A whole comparison, small: candidates that are well and some that are not, on servers of ours."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bench import result
from bench.complaint import Complaint
from bench.contend import contend, open_some, plan_for
from bench.contest import Contest, entrants
from bench.load import ROOT, Served
from bench.orders import NO_REPLY
from bench.progress import Progress
from bench.report.page import page
from bench.rounds import Plan
from comparisons.place import Running
from comparisons.processes import Processes
from comparisons.table import Candidate, Comparison, Exchange
from loadtests.addresses import Address

PLAN = Plan(rounds=2, rate=20, users=4, payload=64, open_seconds=0.3, closed_seconds=0.1)

ECHO = Exchange(job="echo", protocol="http", path="/echo")
BYTES = Exchange(job="echo", protocol="tcp", connections=(1, 4))


def one(name, command, *exchanges, **more):
    return Candidate(
        name=name, title=name.capitalize(), command=command, server="ours", settings="none",
        exchanges=exchanges, reason="It is <here>.", **more,
    )  # fmt: skip


PLANTED = "{python} -m bench.planted --listen {host}:{port}"

SUITE = Comparison(
    name="frameworks",
    title="Some of a kind",
    question="Who is well?",
    exchanges=(ECHO,),
    candidates=(
        one("plain", PLANTED),
        one("busy", f"{PLANTED} --busy 2"),
        one("spoiled", f"{PLANTED} --corrupt 1"),
        one("absent", "{python} -c 'raise SystemExit(\"no such thing\")'"),
        one(
            "iterative", "{python} -m tcp --listen {host}:{port} --protocol echo --model iterative", BYTES,
            uses=("serving", "tcp"), group="bare",
        ),
        one("needy", PLANTED, needs=("redis",)),
    ),
    conformance=False,
)  # fmt: skip


class Quiet(Progress):
    """Says nothing, and may be interrupted at the n-th word."""

    def __init__(self, interrupt_at=None):
        super().__init__(1.0)
        self.interrupt_at = interrupt_at

    def show(self, what):
        if self.interrupt_at and what.startswith(self.interrupt_at):
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """For all here: the environments in it are made once."""
    return tmp_path_factory.mktemp("comparisons")


@pytest.fixture(scope="module", autouse=True)
def installed():
    """Nothing has to be, so that no test here needs a network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("comparisons.environments.path_of", lambda group: ROOT / "no-such-folder" / group)
        yield


@pytest.fixture(scope="module")
def place(folder):
    return Processes(folder, {"PATH": "/usr/bin:/bin"}, {})


@pytest.fixture(scope="module")
def measured(place):
    run = contend(SUITE, PLAN, place, progress=Quiet())
    return json.loads(json.dumps(run.as_json()))


def entries(run):
    return {entry["name"]: entry for entry in run["entries"]}


def test_what_was_planted_is_there(measured):
    found = entries(measured)
    plain, busy = (found[name]["cpu_us"]["service"]["median"] for name in ("plain-echo", "busy-echo"))
    assert 1500 < busy - plain < 4000
    assert found["plain-echo"]["kept"]
    assert found["plain-echo"]["served"] == found["plain-echo"]["connections"] == 16
    assert measured["mode"] == "native"


def test_one_that_serves_one_at_a_time_is_measured_with_that_one(measured):
    found = entries(measured)
    assert [found[f"iterative-echo-{users}"]["served"] for users in (1, 4)] == [1, 1]
    assert found["iterative-echo-4"]["closed"]["throughput"]["median"] > 100
    assert "client, 4" not in measured["ceilings"]
    assert {"http, 16 connections", "tcp, 1 connections", "tcp, 4 connections"} == measured["ceilings"].keys()


def test_who_is_not_well_is_named_and_the_rest_goes_on(measured):
    assert {each["name"]: each["reason"] for each in measured["left_out"]} == {
        "absent": "it did not start: no such thing",
        "needy": "it needs the stack's Redis, and the stack is not up: `make up` before",
    }
    (spoiled,) = measured["unwell"]
    assert spoiled["name"] == "spoiled-echo"
    assert spoiled["wrong"]
    assert spoiled["reason"] == "the content is not what it should be"
    assert measured["complete"]


def test_every_field_of_the_documentation_is_there(measured):
    text = (ROOT / "bench" / "README.md").read_text()
    blocks = text[text.index("## A comparison's result.json") :].split("```")
    base = text[text.index("## result.json") :].split("```")
    for block, usual, members in (
        (blocks[1], base[1], measured),
        (blocks[3], base[3], measured["entries"][0]),
    ):
        documented = set(re.findall(r"^([a-z_]+) ", f"{block}\n{usual}", re.MULTILINE))
        assert members.keys() <= documented
        assert set(re.findall(r"^([a-z_]+) ", block, re.MULTILINE)) <= members.keys()


def test_nothing_is_left_running(measured, place):
    assert place.started == []


class TestReport:
    def test_what_one_sees_is_said(self, measured):
        html = page(measured)
        assert re.search(r"Plain costs least processor time, [\d.]+ .s a request; Busy most", html)
        assert "Iterative serves 1 of 4 at once" in html
        assert "it did not start: no such thing" in html
        assert "wrong bytes" in html
        assert "It is &lt;here&gt;." in html
        assert "connections" in html

    def test_who_gives_wrong_bytes_now_and_then_is_not_ranked(self, measured):
        spoiled = json.loads(json.dumps(measured))
        next(entry for entry in spoiled["entries"] if entry["name"] == "plain-echo")["wrong"] = 3
        html = page(spoiled)
        assert "WRONG BYTES, 3 times" in html
        assert "costs least" not in html
        assert "✗ wrong bytes" in html

    def test_who_fails_the_conformance_check_bears_a_sign(self, measured):
        lax = json.loads(json.dumps(measured))
        verdict = {"passed": 1, "total": 2, "failures": [["no Host", "200"]]}
        next(each for each in lax["candidates"] if each["name"] == "plain")["conformance"] = {"http": verdict}
        html = page(lax)
        assert "WRONG in 1 of 2 cases" in html
        assert "✗ 1 case<" in html
        assert "0 of 1 were right in every case" in html


class TestInterrupted:
    PAIR = replace(SUITE, candidates=SUITE.candidates[:2])

    def test_whole_rounds_are_kept(self, place):
        run = contend(self.PAIR, PLAN, place, progress=Quiet("round 2 of 2: Busy")).as_json()
        assert run["stopped"] == "interrupted after 1 of 2 rounds, which are kept"
        assert {len(entry["cpu_us"]["service"]["rounds"]) for entry in run["entries"]} == {1}
        assert place.started == []

    def test_before_the_first(self, place):
        with pytest.raises(Complaint, match="interrupted before the first round was whole: nothing is kept"):
            contend(self.PAIR, PLAN, place, progress=Quiet("round 1 of 2: Busy"))
        assert place.started == []

    def test_while_they_start(self, place):
        with pytest.raises(KeyboardInterrupt):
            contend(self.PAIR, PLAN, place, progress=Quiet("starting busy"))
        assert place.started == []


class TestNobodyIsServed:
    """What is told of the load, by one who plays it: a real server does so only now and then."""

    WELL, QUIET, WRONG = Served(1, {}, 0), Served(0, {NO_REPLY: 4}, 0), Served(0, {"status 500": 4}, 4)

    def ask(self, place, *answers):
        left = list(answers)
        load = SimpleNamespace(open_some=lambda *_, **__: left.pop(0))
        contest = Contest(SUITE, PLAN, place, False)
        entrant = entrants(SUITE, SUITE.candidates[:1])[0]
        contest.up.running["plain"] = Running("plain", Address("127.0.0.1", 1), None, None)
        return open_some(contest, load, entrant), left

    def test_once_is_the_machine(self, place):
        assert self.ask(place, self.QUIET, self.WELL) == (self.WELL, [])

    def test_twice_is_the_server(self, place):
        served, _ = self.ask(place, self.QUIET, self.QUIET)
        assert (served.count, served.reason) == (0, "no reply to anybody within 2.5 s, twice")

    def test_any_other_reason_is_its_own(self, place):
        assert self.ask(place, self.WRONG, self.WELL) == (self.WRONG, [self.WELL])
        assert self.ask(place, self.WELL, self.QUIET) == (self.WELL, [self.QUIET])


def test_nobody_is_well(place):
    suite = Comparison(name="frameworks", title="", question="", candidates=SUITE.candidates[3:4])
    with pytest.raises(Complaint, match="no candidate could be measured: absent: it did not start: no such"):
        contend(suite, PLAN, place, progress=Quiet())


def test_a_suite_of_another_kind(place):
    def ask(arena):
        assert [each.name for each in arena.candidates] == ["plain"]
        assert arena.hop("plain").memory > 0
        return [{"name": "plain", "port": arena.address("plain").port}]

    suite = Comparison(name="frameworks", title="", question="", candidates=SUITE.candidates[:1], measure=ask)
    run = contend(suite, PLAN, place, progress=Quiet()).as_json()
    assert run["findings"][0]["port"] > 0
    assert run["entries"] == []
    assert run["audit"] == {"passed": True, "checks": []}
    assert page(run)


def test_what_is_asked_for_wins_over_the_suite():
    usual = plan_for(SUITE, quick=False, rounds=0, rate=0, users=16, payload=64)
    assert (usual.rounds, usual.rate, usual.open_seconds) == (3, 500, 1.0)
    quick = plan_for(SUITE, quick=True, rounds=0, rate=7, users=16, payload=64)
    assert (quick.rounds, quick.rate, quick.open_seconds) == (2, 7, 0.2)
    assert result.SCHEMA == "layercake-bench/1"
