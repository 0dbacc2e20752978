"""The books of a turn, and what a trial at the fixed rate says."""

from dataclasses import dataclass, field

import pytest

from bench.counts import Counter
from bench.orders import Outcome, Window
from bench.rounds import Contender, Ledger, Plan, why_not_offered
from bench.suites import LADDER, PUSH


@dataclass
class Books:
    """A site of which only the counts are asked."""

    counts: list
    others_asked: int = 0
    counters: dict = field(init=False)

    def __post_init__(self):
        counts = iter(self.counts)
        self.counters = {"httpd": Counter(lambda: next(counts))}

    def others(self, service, since, until):
        assert service == "httpd"
        assert since <= until
        return self.others_asked


HELLO = Contender(LADDER.candidate("httpd-hello"), "direct")


@pytest.mark.parametrize(
    ("after", "others", "told"),
    [
        (151, 0, 50),  # our second question is one of them
        (152, 0, 51),
        (152, 1, 50),  # somebody known has asked
        (153, 1, 52),  # and somebody else
        (150, 1, 49),  # one is missing, which nobody explains
    ],
)
def test_the_other_side(after, others, told):
    ledger = Ledger(Books([100, after], others), HELLO)
    assert ledger.close(50).server == told


@pytest.mark.parametrize("counts", [[None, 5], [5, None]])
def test_one_that_does_not_tell(counts):
    assert Ledger(Books(counts), HELLO).close(50).server is None


def test_nobody_counts_what_is_heard():
    contender = Contender(PUSH.candidate("push-stream"), "nginx")
    assert Ledger(Books([]), contender).close(50).server is None


TRIAL = Window(0.4, 100)


def test_a_rate_that_is_kept():
    assert why_not_offered(HELLO, TRIAL, Outcome(sent=40, ok=40, seconds=0.41), 1) == ""


def test_a_rate_that_is_not():
    slow = Outcome(sent=40, ok=40, seconds=0.8, processor=0.1)
    words = "100 requests/s can't be offered: httpd hello (direct) does 50 at most. Set RATE to 30 or less"
    assert why_not_offered(HELLO, TRIAL, slow, 1) == words
    slow.processor = 0.79
    assert "the load generator does 50 at most" in why_not_offered(HELLO, TRIAL, slow, 1)


def test_one_that_fails_is_not_well():
    failed = Outcome(sent=40, ok=39, failed=1, failures={"gone": 1}, seconds=0.4)
    assert why_not_offered(HELLO, TRIAL, failed, 1).endswith("is not well, so nothing was measured: gone")


def test_what_is_heard_is_counted_by_listeners():
    contender = Contender(PUSH.candidate("push-stream"), "direct")
    assert contender.fan(Plan(users=16)) == 16
    assert why_not_offered(contender, Window(1.0, 10), Outcome(sent=160, ok=160, seconds=1.3), 16) == ""
