"""Waiting longer after each failure in a row."""

from loadtests.clients.backoff import FIRST, LONGEST, Backoff


def test_the_first_try_is_at_once_and_then_it_doubles_up_to_a_limit():
    backoff = Backoff()
    waits = [backoff.failed() for _ in range(12)]
    assert waits[0] == 0
    for number, wait in enumerate(waits[1:]):
        most = min(FIRST * 2**number, LONGEST)
        assert most / 2 <= wait <= most
    assert waits[-1] >= LONGEST / 2


def test_a_success_starts_over():
    backoff = Backoff()
    for _ in range(5):
        backoff.failed()
    backoff.succeeded()
    assert backoff.failed() == 0
