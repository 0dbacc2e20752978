"""Handlers that take their time."""

import queue
import time

from serving.protocol import Peer

from comparisons.apps.slow import Clock, compute


class Sleeper(Peer):
    """Tells who was woken, and when."""

    __slots__ = ("name", "woken")

    def __init__(self, name, woken):
        super().__init__(("127.0.0.1", 1), ("127.0.0.1", 2))
        self.name, self.woken = name, woken

    def wake(self):
        self.woken.put((self.name, time.monotonic()))


def test_who_computes_uses_processor_time():
    before = time.thread_time()
    compute(0.01)
    assert time.thread_time() - before >= 0.01


def test_a_clock_wakes_in_order_and_not_before_it_is_time():
    clock, woken = Clock(0.02), queue.Queue()
    began = time.monotonic()
    for name in "abc":
        clock.wake_later(Sleeper(name, woken))
    heard = [woken.get(timeout=20) for _ in range(3)]
    assert [name for name, _ in heard] == ["a", "b", "c"]
    assert heard[0][1] - began >= 0.02


def test_a_clock_that_was_idle_goes_on():
    clock, woken = Clock(0.0), queue.Queue()
    for name in "abc":
        clock.wake_later(Sleeper(name, woken))
        assert woken.get(timeout=20)[0] == name
    assert clock.thread is not None
    assert clock.thread.daemon


def test_a_clock_wakes_everybody():
    many = 1000
    clock, woken = Clock(0.001), queue.Queue()
    for number in range(many):
        clock.wake_later(Sleeper(number, woken))
    assert [woken.get(timeout=20)[0] for _ in range(many)] == list(range(many))
