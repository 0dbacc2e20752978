"""A listener's account of numbers."""

from loadtests.users.account import GAP_LIMIT, Account


def hear(start, *numbers):
    account = Account(start)
    return account, [account.hear(number) for number in numbers]


def test_everything_in_order():
    account, verdicts = hear(7, 8, 9, 10)
    assert set(verdicts) == {"in order"}
    assert (account.heard, account.lost(10), account.expected(10), account.last) == (3, 0, 3, 10)


def test_what_never_came():
    account, _ = hear(0, 1, 2, 5)
    assert account.lost(5) == 2
    assert account.lost(7) == 4
    assert account.expected(3) == 5  # what was heard was there, whatever the log said when it was asked


def test_what_came_late_is_not_lost():
    account, verdicts = hear(0, 1, 3, 2, 4)
    assert verdicts == ["in order", "in order", "out of order", "in order"]
    assert account.lost(4) == 0


def test_what_came_twice():
    account, verdicts = hear(0, 1, 2, 2, 1, 4, 3, 3)
    assert verdicts.count("doubled") == 3
    assert (account.heard, account.lost(4)) == (4, 0)


def test_what_is_older_than_the_listener_is_not_for_it():
    account, verdicts = hear(5, 5)
    assert verdicts == ["doubled"]
    assert account.heard == 0


def test_a_gap_without_end_is_lost_without_being_remembered():
    account, _ = hear(0, 10**15)
    assert len(account.missing) == GAP_LIMIT
    assert account.lost(0) == 10**15 - 1
