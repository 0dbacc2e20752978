from rooms import Backoff


def test_delays_double_up_to_the_longest_and_are_never_the_whole_of_it_for_everyone():
    delays = [[backoff.delay() for _ in range(8)] for backoff in (Backoff(0.1, 2.0), Backoff(0.1, 2.0))]
    for wholes, delay in zip([0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0], delays[0], strict=True):
        assert wholes / 2 <= delay <= wholes
    assert delays[0] != delays[1]


def test_success_begins_anew():
    backoff = Backoff(0.1, 2.0)
    for _ in range(5):
        backoff.delay()
    backoff.reset()
    assert backoff.delay() <= 0.1
