"""Medians, their intervals, and telling two sets of rounds apart, against values worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Figure, chance, least_chance

rounds = st.lists(st.floats(0.1, 1e6), min_size=1, max_size=8)


def test_a_figure():
    figure = Figure.of([5, 1, 3])
    assert (figure.median, figure.rounds) == (3, (5, 1, 3))
    # 27 draws of three: 7 have a median of 1, 7 of 5. Both ends are within 2.5 % of the draws.
    assert (figure.low, figure.high) == (1, 5)


def test_of_one_round():
    assert Figure.of([7]) == Figure(7, 7, 7, (7,))


@given(rounds)
def test_the_interval_holds_the_median(values):
    figure = Figure.of(values)
    assert min(figure.rounds) <= figure.low <= figure.median <= figure.high <= max(figure.rounds)
    assert figure == Figure.of(values)
    assert Figure.from_json(figure.as_json()) == figure


def test_one_wild_round_of_many_is_outside_the_interval():
    assert Figure.of([10, 11, 10, 12, 11, 10, 11, 500, 10]).high < 20


def test_chance_by_hand():
    # Six ways to deal 1, 2, 8, 9 in pairs; two of them are as far apart as 1, 2 and 8, 9.
    assert chance([1, 2], [8, 9]) == pytest.approx(2 / 6)
    assert chance([1, 9], [2, 8]) == 1
    assert chance([3, 3, 3], [3, 3, 3]) == 1


def test_five_rounds_apart():
    apart = chance([10, 11, 12, 13, 14], [15, 16, 17, 18, 19])
    assert apart == least_chance(5, 5) == pytest.approx(2 / 252)


def test_where_not_every_deal_can_be_tried():
    low, high = list(range(20)), list(range(100, 120))
    assert chance(low, high) < 0.001
    assert chance(low, [value + 0.5 for value in low]) > 0.5


@given(rounds, rounds)
def test_a_chance_is_one(one, other):
    if len(one) + len(other) <= 10:
        assert 0 < chance(one, other) <= 1
        assert chance(one, other) == pytest.approx(chance(other, one))


def test_few_rounds_show_nothing():
    assert least_chance(1, 1) == 1
    assert least_chance(3, 3) == pytest.approx(0.1)
    assert least_chance(3, 4) == pytest.approx(1 / 35)
