"""Counts by microseconds, poured into Locust's statistics."""

import pytest
from locust.env import Environment
from turns import until

from loadtests.tally import Ledger, two_digits


@pytest.mark.parametrize(
    ("milliseconds", "rounded"),
    [
        (0.0, 0.0),
        (0.083, 0.08),
        (0.994, 0.99),
        (3.14, 3.1),
        (14.8, 15),
        (147, 150),
        (3432, 3400),
        (58760, 59000),
    ],
)
def test_two_digits(milliseconds, rounded):
    assert two_digits(milliseconds) == rounded


@pytest.fixture
def locust():
    environment = Environment()
    environment.create_local_runner()
    return environment


@pytest.fixture
def ledger(locust):
    ledger = Ledger()
    ledger.attach(locust)
    return ledger


def test_what_is_counted_arrives(locust, ledger):
    tally = ledger.tally("TCP", "echo")
    for microseconds in (80, 81, 250, 1_500_000):
        tally.times["exchange"][microseconds] += 1
        tally.content += 64
    ledger.pour()
    for entry in (locust.stats.get("echo", "TCP"), locust.stats.total):
        assert entry.num_requests == 4
        assert entry.num_failures == 0
        assert entry.min_response_time == 0.08
        assert entry.max_response_time == 1500
        assert entry.avg_response_time == pytest.approx((0.08 + 0.081 + 0.25 + 1500) / 4)
        assert dict(entry.response_times) == {0.08: 2, 0.25: 1, 1500: 1}
        assert entry.total_content_length == 256
        assert sum(entry.num_reqs_per_sec.values()) == 4


def test_every_phase_has_a_histogram(ledger):
    tally = ledger.tally("TCP", "echo")
    tally.times["connect"][120] += 1
    tally.times["exchange"][80] += 3
    tally.events["connections"] += 1
    ledger.pour()
    [line] = ledger.summary()
    assert (line["type"], line["name"], line["events"]) == ("TCP", "echo", {"connections": 1})
    assert line["connect"]["counted"] == 1
    assert (line["exchange"]["counted"], line["exchange"]["p50"], line["exchange"]["longest"]) == (3, 80, 80)
    assert "lateness" not in line


def test_pouring_twice_counts_once(locust, ledger):
    ledger.tally("TCP", "echo").times["exchange"][100] += 1
    ledger.pour()
    ledger.pour()
    assert locust.stats.total.num_requests == 1
    assert ledger.summary()[0]["exchange"]["counted"] == 1


def test_it_pours_by_itself(locust, ledger):
    ledger.tally("TCP", "echo").times["exchange"][100] += 1
    until("request in Locust's figures", lambda: locust.stats.total.num_requests)


def test_a_new_test_starts_from_nothing(locust, ledger):
    ledger.tally("TCP", "echo").times["exchange"][100] += 1
    locust.events.test_start.fire(environment=locust)
    ledger.pour()
    assert locust.stats.total.num_requests == 0
    assert ledger.summary() == []


def test_workers_report_what_is_new_and_the_master_adds_it_up():
    master, workers = Ledger(), [Ledger(), Ledger()]
    for worker in workers:
        environment = Environment()
        environment.create_local_runner()
        worker.attach(environment)
    for turn in range(3):
        for worker in workers:
            tally = worker.tally("TCP", "echo")
            tally.times["exchange"][100 + turn] += 5
            tally.events["connections"] += 1
            report = {}
            worker.report(report)
            master.merge(report)
    [line] = master.summary()
    assert line["exchange"]["counted"] == 30
    assert line["exchange"]["mean"] == 101
    assert line["exchange"]["longest"] == 102
    assert line["events"] == {"connections": 6}


def test_a_failure_through_locusts_event_is_in_the_same_line(locust, ledger):
    ledger.tally("TCP", "echo").times["exchange"][100] += 3
    ledger.pour()
    locust.events.request.fire(
        request_type="TCP",
        name="echo",
        response_time=0.5,
        response_length=0,
        exception=ValueError("no"),
        context={},
    )
    entry = locust.stats.get("echo", "TCP")
    assert (entry.num_requests, entry.num_failures) == (4, 1)
