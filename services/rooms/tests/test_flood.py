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


@pytest.mark.parametrize(("a_second", "is_flood"), [(40, False), (99, False), (110, True), (1_000, True)])
def test_a_minute_of_talking_too_fast(a_second, is_flood):
    """Twice the rate may be borne for ever. More is a flood, although fifty a second are let in meanwhile."""
    flood, admitted = Flood(rate=50, burst=100, now=0.0), 0
    try:
        for number in range(60 * a_second):
            admitted += flood.admits(number / a_second)
    except Flooded:
        assert is_flood
        assert admitted >= 100
    else:
        assert not is_flood
        assert admitted == pytest.approx(min(a_second * 60, 50 * 60 + 100), abs=2)
