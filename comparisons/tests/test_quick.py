"""What a quick run of a suite leaves out, and that it says so."""

import json
from dataclasses import replace

import pytest

from bench.contend import MANY, expected_seconds, plan_for
from bench.contest import Contest, entrants
from bench.report.comparison import absent
from comparisons.processes import Processes
from comparisons.quick import ends, quicker
from comparisons.suites import NAMES, chosen, comparison

MODELS = comparison("models")


def contenders(suite):
    return {each.name for each in entrants(suite, suite.candidates)}


@pytest.mark.parametrize(
    ("points", "left"),
    [
        ((1, 16, 256, 2000), (1, 256)),
        ((16, 256, 2000), (16, 256)),
        ((16, 256), (16, 256)),
        ((16,), (16,)),
        ((2000, 4000), (2000,)),
    ],
)
def test_the_ends_of_what_is_quickly_opened(points, left):
    assert ends(points) == left


def test_every_candidate_does_every_job_over_fewer_connections():
    quick = quicker(MODELS)
    assert [each.name for each in quick.candidates] == [each.name for each in MODELS.candidates]
    for before, after in zip(MODELS.candidates, quick.candidates, strict=True):
        assert [each.title for each in before.exchanges] == [each.title for each in after.exchanges]
    assert contenders(quick) < contenders(MODELS)  # under the same names
    assert {each.users for each in entrants(quick, quick.candidates)} == {1, 16, 256}


def test_it_takes_half_of_the_time():
    plan = plan_for(MODELS, quick=True, rounds=0, rate=0, users=0, payload=64)
    assert plan.rounds == 1
    seconds = [expected_seconds(each, plan, quick=True) for each in (MODELS, quicker(MODELS))]
    assert seconds[1] < 0.6 * seconds[0]


def test_what_is_left_out_is_said(tmp_path):
    quick = quicker(MODELS)
    plan = plan_for(MODELS, quick=True, rounds=0, rate=0, users=0, payload=64)
    contest = Contest(quick, plan, Processes(tmp_path, {}, {}), True)
    result = json.loads(json.dumps(contest.as_json()))
    said = {each["title"]: each["reason"] for each in result["left_out"]}
    assert list(said) == [
        "echo over 16 and 2,000 connections", "echo-wait over 2,000 connections",
        "hello over 16 and 2,000 connections", "hello-wait over 2,000 connections",
    ]  # fmt: skip
    assert "a quick run leaves it out: without QUICK=1 it is measured" in absent(result)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "models"])
def test_who_has_few_contenders_leaves_out_none(name):
    assert quicker(comparison(name)) == comparison(name)


def test_some_of_many_are_few():
    some = chosen(MODELS, "tcp-selector,tcp-threads")
    assert len(entrants(some, some.candidates)) <= MANY
    assert quicker(some) == some == replace(some, unasked={})
