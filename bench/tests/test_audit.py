"""Every check fails when it should, and says whom it is about."""

import pytest

from bench.audit import audit
from bench.hops import Use
from bench.orders import Outcome
from bench.rounds import Books, Contender, Turn
from bench.suites import LADDER

WEB = Contender(LADDER.candidate("web-hello"), "nginx")

USE = {"service": Use(1, 0.5, 0.5), "generator": Use(1, 0.2, 0.2)}


def outcome(count=100, seconds=1.0, each=10_000, *, held=1.0):
    found = Outcome(sent=count, ok=count, seconds=seconds, held=held)
    found.latency.add({each: count})
    found.lateness.add({900: count})
    return found


def turn(**more):
    """One user, a hundred requests of 10 ms in a second."""
    given = {
        "open": outcome(), "closed": outcome(), "open_use": USE, "closed_use": USE, "memory": {},
        "books": Books(200, 200, 200), "due": 100, "users": 1,
    }  # fmt: skip
    return Turn(**{**given, **more})


def failed(*turns):
    return {check.name: check.as_json()["detail"] for check in audit({WEB: turns}) if check.wrong}


def test_all_is_well():
    assert failed(turn(), turn()) == {}
    assert all(check.as_json()["passed"] for check in audit({WEB: [turn()]}))


def late():
    found = outcome()
    found.lateness.add({20_000: 50})
    return found


def spoiled():
    found = outcome(99)
    found.sent, found.failed, found.failures = 100, 1, {"wrong bytes": 1}
    return found


def lost():
    found = outcome()
    found.sent = 101
    return found


def missing():
    found = outcome(90)
    found.missed = 10
    return found


@pytest.mark.parametrize(
    ("change", "check", "words"),
    [
        ({"open": spoiled()}, "every reply was right", "web hello (nginx): 1 × wrong bytes"),
        ({"closed": lost()}, "sent = right + failed", "101 sent, 100 + 0"),
        ({"due": 101}, "sent = right + failed", "101 due, 100 sent, 0 missed"),
        ({"books": Books(200, 201, 200)}, "the client's count", "web counted 201, the client 200"),
        ({"books": Books(200, 200, 199)}, "the client's count", "nginx counted 199, the client 200"),
        ({"closed": outcome(each=5000)}, "Little's law", "off by 25%"),
        ({"closed": outcome(each=20_000)}, "Little's law", "off by 50%"),
        ({"open": missing()}, "every request of the fixed rate", "10 were never sent"),
        ({"open": late()}, "the generator sent in time", "20.0 ms"),
        ({"open_use": {**USE, "generator": Use(1, 0.9, 0.9)}}, "the generator had time", "90%"),
    ],
)
def test_what_is_wrong(change, check, words):
    [(name, detail)] = failed(turn(), turn(**change)).items()
    assert name.startswith(check)
    assert words in detail


def test_nobody_counts():
    [check] = [check for check in audit({WEB: [turn(books=Books(200, None, None))]}) if "count" in check.name]
    assert not check.wrong
    assert "web hello (nginx) tells no count of its own" in check.detail


def test_the_end_of_a_short_window():
    """The user was done after four fifths of it: it does not count any more, but until then it does."""
    assert failed(turn(closed=outcome(4, each=200_000, held=0.8))) == {}
    assert "Little's law" in next(iter(failed(turn(closed=outcome(4, each=200_000, held=3.2)))))


def test_a_suite_without_a_closed_loop():
    assert failed(turn(closed=Outcome(), books=Books(100, 100, 100))) == {}
