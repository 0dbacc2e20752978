"""Counts by microseconds, poured into Locust's statistics."""

import gevent
import pytest
from locust.env import Environment

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


def test_what_is_counted_arrives(locust):
    ledger = Ledger()
    ledger.attach(locust)
    tally = ledger.tally("TCP", "echo")
    for microseconds in (80, 81, 250, 1_500_000):
        tally.counts[microseconds] += 1
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


def test_pouring_twice_counts_once(locust):
    ledger = Ledger()
    ledger.attach(locust)
    ledger.tally("TCP", "echo").counts[100] += 1
    ledger.pour()
    ledger.pour()
    assert locust.stats.total.num_requests == 1


def test_it_pours_by_itself(locust):
    ledger = Ledger()
    ledger.attach(locust)
    ledger.tally("TCP", "echo").counts[100] += 1
    while locust.stats.total.num_requests == 0:
        gevent.sleep(0.05)


def test_a_new_test_starts_from_nothing(locust):
    ledger = Ledger()
    ledger.attach(locust)
    ledger.tally("TCP", "echo").counts[100] += 1
    locust.events.test_start.fire(environment=locust)
    ledger.pour()
    assert locust.stats.total.num_requests == 0


def test_a_failure_through_locusts_event_is_in_the_same_line(locust):
    ledger = Ledger()
    ledger.attach(locust)
    ledger.tally("TCP", "echo").counts[100] += 3
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
