"""What is seen of something that grows, and of something that does not."""

import pytest

from reliability.growth import Look, Series

MINUTE = 60.0


def seen(memory, descriptors=lambda _: 20):
    series = Series()
    for minute in range(31):
        series.add(minute * MINUTE, memory(minute), descriptors(minute))
    return series


def test_something_that_grows():
    series = seen(lambda minute: 50_000_000 + 2_000_000 * minute, lambda minute: 20 + minute)
    assert series.slope(1 / 6) == pytest.approx(2_000_000)
    assert series.more_descriptors(1 / 6) == 21
    assert series.ends(1 / 6) == (Look(64_000_000, 27), Look(106_000_000, 48))


def test_what_grows_only_while_it_gets_warm():
    series = seen(lambda minute: 50_000_000 + 10_000_000 * min(minute, 5))
    assert series.slope(1 / 6) == 0
    assert series.slope(0) > 500_000
    assert series.more_descriptors(1 / 6) == 0


def test_too_little_to_tell():
    series = Series()
    assert series.slope(0.5) == 0
    series.add(1.0, 10, 1)
    assert series.slope(0.5) == 0
    assert series.ends(0.5) == (Look(10, 1), Look(10, 1))
