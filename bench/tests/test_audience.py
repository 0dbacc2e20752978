"""A room under load: what was posted is what each listener heard, or is told by its reason."""

import pytest

from bench.audience import JOIN, Seat
from bench.orders import Goal
from bench.suites import PUSH
from loadtests.clients.said import Said
from loadtests.users.letter import Letter


@pytest.fixture
def seat():
    return Seat(Goal("room", "127.0.0.1", 1, "stream"), "room", 5)


def letter(serial=1):
    return Letter("abcd1234", serial, 0).write(64)


def test_in_order(seat):
    for number in (6, 7, 8):
        seat.take(Said(number, letter(number)))
    assert (seat.ok, seat.account.lost(8), dict(seat.reasons)) == (3, 0, {})
    assert sum(seat.latency.values()) == 3


@pytest.mark.parametrize(
    ("numbers", "reason"), [((6, 6), "a message came doubled"), ((7, 6), "a message came out of order")]
)
def test_what_is_not(seat, numbers, reason):
    for number in numbers:
        seat.take(Said(number, letter(number)))
    assert dict(seat.reasons)[reason] == 1


def test_lost(seat):
    seat.take(Said(9, letter()))
    assert seat.account.lost(9) == 3


def test_changed_on_its_way(seat):
    seat.take(Said(6, letter().replace("....", "..,.", 1)))
    assert (seat.ok, sum(seat.reasons.values())) == (0, 1)


def test_somebody_elses_message_is_heard_and_not_counted(seat):
    seat.take(Said(6, "hello"))
    assert (seat.ok, seat.account.heard, dict(seat.reasons)) == (0, 1, {})


def test_nobody_there(load):
    """Refused before anything is timed, like every other goal."""
    goal = Goal("room", "127.0.0.1", 1, "stream", log_host="127.0.0.1", log_port=1)
    answer = load._ask({"open": goal.as_json(), "users": 2})
    assert "no connection" in answer["failure"]


@pytest.mark.parametrize("job", ["polling", "long polling", "stream", "websocket", "tcp"])
def test_every_transport_has_a_client(job):
    assert job in JOIN
    assert job in {candidate.job for candidate in PUSH.candidates}
