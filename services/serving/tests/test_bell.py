"""A bell is heard once, however often it was rung, by whoever waits."""

import select
import signal
import threading

import pytest
from serving.bell import Bell


@pytest.fixture
def bell():
    bell = Bell()
    yield bell
    bell.close()


def heard(bell: Bell, seconds: float = 0) -> bool:
    return bool(select.select([bell], [], [], seconds)[0])


def test_many_rings_are_heard_once(bell):
    assert not heard(bell)
    for _ in range(100_000):  # more than it has room for
        bell.ring()
    assert heard(bell)
    bell.hush()
    assert not heard(bell)
    assert bell.hush() == b""


def test_another_thread_is_heard(bell):
    thread = threading.Thread(target=bell.ring)
    thread.start()
    assert heard(bell, 10)
    thread.join()


def test_a_signal_handler_may_ring_while_its_thread_does(bell):
    before = signal.signal(signal.SIGUSR2, lambda *_: bell.ring())
    with bell.lock:
        signal.raise_signal(signal.SIGUSR2)
    signal.signal(signal.SIGUSR2, before)
    assert heard(bell)


def test_a_closed_bell_rings_for_nobody():
    bell = Bell()
    bell.close()
    bell.ring()
