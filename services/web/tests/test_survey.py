"""The survey: everyone at once, once a second, and nobody waits for a service that hangs."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from web import survey as module
from web.probes import DOWN, UP, Answer
from web.survey import Survey


@pytest.fixture
def clock(monkeypatch):
    """The survey's clock, moved by hand."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_many_who_ask_together_cost_one_round():
    rounds = []
    gate = threading.Event()

    def probe():
        rounds.append(1)
        assert gate.wait(10)
        return Answer(UP)

    survey = Survey({"tcp": probe})
    with ThreadPoolExecutor(8) as visitors:
        reports = [visitors.submit(survey.latest) for _ in range(8)]
        gate.set()
        assert len({id(report.result(10)) for report in reports}) == 1
    assert len(rounds) == 1


def test_a_report_serves_for_a_second(clock):
    rounds = []
    survey = Survey({"tcp": lambda: rounds.append(1) or Answer(UP)})
    survey.latest()
    clock[0] += 0.9
    survey.latest()
    assert len(rounds) == 1
    clock[0] += 0.2
    survey.latest()
    assert len(rounds) == 2


def test_while_one_asks_the_others_get_the_report_there_is(clock):
    asked, gate = threading.Event(), threading.Event()
    gate.set()

    def probe():
        asked.set()
        assert gate.wait(10)
        return Answer(UP)

    survey = Survey({"tcp": probe})
    first = survey.latest()
    clock[0] += 2
    gate.clear()
    asked.clear()
    with ThreadPoolExecutor(1) as visitors:
        renewing = visitors.submit(survey.latest)
        assert asked.wait(10)
        assert survey.latest() is first
        gate.set()
        assert renewing.result(10) is not first


def test_all_services_are_asked_at_once():
    together = threading.Barrier(4)

    def probe():
        together.wait(10)
        return Answer(UP)

    report = Survey(dict.fromkeys("abcd", probe)).latest()
    assert [answer.state for answer in report.answers.values()] == [UP] * 4


def test_a_probe_that_hangs_is_down_and_is_not_started_twice(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    monkeypatch.setattr(module, "LIFETIME", 0.0)
    gate, started = threading.Event(), []

    def hangs():
        started.append(1)
        gate.wait(10)
        return Answer(UP)

    survey = Survey({"dns": hangs, "tcp": lambda: Answer(UP)})
    for _ in range(2):
        answers = survey.latest().answers
        assert (answers["dns"].state, answers["tcp"].state) == (DOWN, UP)
        assert "no answer after 0.05 seconds" in answers["dns"].reason
    assert len(started) == 1
    gate.set()
    deadline = time.monotonic() + 10
    while survey.latest().answers["dns"].state != UP:
        assert time.monotonic() < deadline


def test_rates_come_from_two_rounds(clock):
    counts = iter([100, 150, 20, None])
    survey = Survey({"nginx": lambda: Answer(UP, requests=next(counts))})
    rates = []
    for _ in range(4):
        rates.append(survey.latest().as_json()["services"]["nginx"]["requests_per_second"])
        clock[0] += 2
    # None before there are two, 50 in 2 s, a restarted service, a service that tells no more.
    assert rates == [None, 25.0, None, None]
