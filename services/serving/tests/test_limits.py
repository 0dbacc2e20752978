"""Limits are read from text, and wrong ones are refused with a sentence."""

import pytest
from serving.limits import Limits


def test_the_house_s_limits():
    limits = Limits()
    assert (limits.idle, limits.head, limits.content, limits.unread) == (60, 10, 30, 30)
    assert (limits.drain, limits.connections) == (10, 4096)


def test_some_are_changed_and_the_others_stay():
    limits = Limits(idle=15).read("head=2.5, connections=100")
    assert (limits.idle, limits.head, limits.connections) == (15, 2.5, 100)
    assert isinstance(limits.connections, int)
    assert Limits().read("") == Limits()


def test_they_are_written_as_they_are_read():
    assert Limits().read(str(Limits(idle=1.5))) == Limits(idle=1.5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("idel=1", "no limit is called 'idel'; there are idle, head,"),
        ("idle", "the limit 'idle' is a number, as in idle=10, not ''"),
        ("idle=long", "not 'long'"),
        ("connections=1.5", "not '1.5'"),
        ("idle=0", "the limit 'idle' must be more than 0"),
        ("idle=nan", "the limit 'idle' must be more than 0"),
        ("drain=inf", "the limit 'drain' must be more than 0, and at most 1,000,000"),
        ("connections=1000001", "the limit 'connections' must be more than 0, and at most 1,000,000"),
    ],
)
def test_what_is_wrong_is_said(text, says):
    with pytest.raises(ValueError, match=says):
        Limits().read(text)


def test_the_shortest_sets_how_often_deadlines_are_looked_at():
    assert Limits(head=0.25).shortest() == 0.25
