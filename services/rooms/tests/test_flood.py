"""How fast one may talk, by a clock that the test holds."""

import pytest
from rooms.flood import Flood, Flooded


def test_so_many_at_once_and_then_so_many_a_second():
    flood = Flood(rate=2, burst=3, now=0.0)
    assert [flood.admits(0.0) for _ in range(4)] == [True, True, True, False]
    assert [flood.admits(0.5) for _ in range(2)] == [True, False]
    assert [flood.admits(10.0) for _ in range(4)] == [True, True, True, False]


def test_who_goes_on_has_been_told_often_enough():
    flood = Flood(rate=1, burst=2, now=0.0)
    assert [flood.admits(0.0) for _ in range(4)] == [True, True, False, False]
    with pytest.raises(Flooded):
        flood.admits(0.0)


def test_a_message_that_is_all_right_forgives_those_that_were_not():
    flood = Flood(rate=1, burst=2, now=0.0)
    assert [flood.admits(now) for now in (0, 0, 0, 0, 1, 1, 1)] == [
        True,
        True,
        False,
        False,
        True,
        False,
        False,
    ]
