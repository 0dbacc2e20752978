"""epoll, and poll in its clothes, behave alike as far as we use them."""

import select
import socket

import pytest
from serving.poller import READ, WRITE, Poll, broken, open_poller


@pytest.fixture(params=[select.epoll, Poll])
def poller(request):
    poller = request.param()
    yield poller
    poller.close()


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_readiness_is_reported_as_long_as_it_lasts(poller, pair):
    ours, theirs = pair
    poller.register(ours.fileno(), READ)
    assert poller.poll(0, 10) == []
    theirs.send(b"x")
    for _ in range(2):
        assert poller.poll(-1, 10) == [(ours.fileno(), READ)]
    poller.modify(ours.fileno(), WRITE)
    assert poller.poll(1, 10) == [(ours.fileno(), WRITE)]
    poller.modify(ours.fileno(), 0)
    assert poller.poll(0, 10) == []
    poller.unregister(ours.fileno())


def test_a_break_is_reported_even_when_nothing_is_watched(poller, pair):
    ours, theirs = pair
    poller.register(ours.fileno(), 0)
    theirs.close()
    ((fd, event),) = poller.poll(1, 10)
    assert fd == ours.fileno()
    assert event & select.POLLHUP


def test_of_several_connections_those_that_have_broken_are_told(pair):
    ours, theirs = pair
    fds = [ours.fileno(), theirs.fileno()]
    assert broken([]) == []
    assert broken(fds) == []
    theirs.send(b"x")
    assert broken(fds) == []
    theirs.close()
    assert broken([ours.fileno()]) == [ours.fileno()]


def test_what_has_been_closed_is_forgotten(poller, pair):
    ours, _ = pair
    poller.register(ours.fileno(), WRITE)
    ours.close()
    assert poller.poll(0.01, 10) == []
    assert poller.poll(0.01, 10) == []


def test_no_more_is_reported_than_is_asked_for(poller, pair):
    for end in pair:
        poller.register(end.fileno(), WRITE)
    assert len(poller.poll(1, 1)) == 1
    assert len(poller.poll(1, 2)) == 2


def test_linux_has_epoll():
    assert isinstance(open_poller(), select.epoll)
