"""Shapes, with a clock that the test turns."""

from argparse import Namespace

import pytest
from locust.env import Environment

from loadtests.shapes.ramp import Ramp
from loadtests.shapes.spike import Spike
from loadtests.shapes.steps import Steps


@pytest.fixture
def plan():
    """A shape for 50 users and 100 seconds, and what it says at given times."""
    environment = Environment(parsed_options=Namespace(num_users=50, run_time=100))
    environment.create_local_runner()

    def make(kind):
        shape = kind()
        shape.runner = environment.runner
        times = []
        shape.get_run_time = lambda: times[-1]

        def users_at(*seconds):
            said = []
            for second in seconds:
                times.append(second)
                tick = shape.tick()
                said.append(tick and tick[0])
            return said

        return shape, users_at

    return make


def test_steps(plan):
    _, users_at = plan(Steps)
    assert users_at(0, 19, 20, 45, 65, 80, 99, 100) == [10, 10, 20, 30, 40, 50, 50, None]


def test_spike(plan):
    _, users_at = plan(Spike)
    assert users_at(0, 39, 40, 59, 60, 99, 101) == [5, 5, 50, 50, 5, 5, None]


def test_ramp(plan):
    _, users_at = plan(Ramp)
    assert users_at(0, 10, 50, 99, 100) == [1, 5, 25, 50, None]


def test_a_ramp_ends_where_it_breaks(plan, caplog):
    shape, users_at = plan(Ramp)
    total = shape.runner.stats.total
    total.num_requests, total.num_failures = 1000, 50
    assert users_at(10) == [5]
    total.num_requests, total.num_failures = 1010, 60
    assert users_at(11) == [6]  # ten requests say nothing
    total.num_requests, total.num_failures = 1100, 60
    assert users_at(12) == [None]
    assert "the ramp ends here" in caplog.text


def test_a_new_ramp_does_not_remember_the_last(plan):
    shape, users_at = plan(Ramp)
    shape.runner.stats.total.num_requests = 10_000
    assert users_at(10) == [5]
    shape.reset_time()
    assert shape.seen == (0, 0)


@pytest.mark.parametrize("kind", [Steps, Spike, Ramp])
def test_without_options_it_is_ten_users_and_a_minute(kind):
    shape = kind()
    environment = Environment(parsed_options=Namespace(num_users=None, run_time=None))
    shape.runner = environment.create_local_runner()
    assert (shape.peak, shape.length) == (10, 60)
