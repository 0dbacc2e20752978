"""Histograms: exact where it matters, close everywhere, and the same whoever adds them up."""

import random

import pytest

from loadtests.histogram import Histogram, group, middle


def test_a_time_is_kept_to_half_a_percent_from_a_microsecond_to_an_hour():
    times = [*range(3000), *(int(1.01**power) for power in range(700, 2300))]
    for time in times:
        assert abs(middle(group(time)) - time) <= time * 0.004


def test_groups_are_in_the_order_of_time():
    groups = [group(time) for time in range(100_000)]
    assert groups == sorted(groups)
    assert groups[:256] == list(range(256))
    assert len(set(groups)) < 1500


def filled(times):
    histogram = Histogram()
    for time in times:
        histogram.add({time: 1})
    return histogram


def test_percentiles_are_those_of_the_times():
    chance = random.Random(1)
    times = sorted(int(chance.lognormvariate(6, 2)) for _ in range(20_000))
    histogram = filled(times)
    for part in (0.01, 0.5, 0.9, 0.99, 0.999, 1):
        exact = times[max(0, int(len(times) * part) - 1)]
        assert histogram.percentile(part) == pytest.approx(exact, rel=0.005, abs=1)
    summary = histogram.summary()
    assert summary.counted == len(times)
    assert summary.mean == pytest.approx(sum(times) / len(times), abs=0.01)
    assert summary.longest == times[-1]
    assert summary.p50 <= summary.p90 <= summary.p99 <= summary.p999 <= summary.longest


def test_merged_it_is_the_same_as_if_one_had_counted_all():
    times = [random.Random(2).randrange(10**6) for _ in range(100)]
    whole, first, second = filled(times), filled(times[:30]), filled(times[30:])
    first.merge(Histogram.unpack(second.pack()))
    assert first == whole


def test_counts_by_microseconds():
    histogram = Histogram()
    histogram.add({80: 3, 90: 1})
    histogram.add({})
    assert (histogram.count, histogram.total, histogram.longest) == (4, 330, 90)


def test_an_empty_one():
    assert Histogram().percentile(0.5) == 0
    assert Histogram.unpack(Histogram().pack()) == Histogram()
    assert tuple(Histogram().summary()) == (0, 0.0, 0, 0, 0, 0, 0)
