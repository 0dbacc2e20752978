"""Processor time, waiting and quotas: planted, and found."""

import os

import pytest

from bench.hops import Hop, Reading, Use, accounts, processor, stopped, tree, waited
from bench.orders import Window
from bench.tests.conftest import goal_of

WINDOW = Window(0.6)


def cost(load, server):
    """µs of processor time and of latency that a request takes."""
    hop = Hop("planted", tree(server.pid))
    load.open(goal_of(server), 2)
    before = hop.read()
    outcome = load.run(WINDOW)
    use = before.until(hop.read())
    load.let_go()
    assert outcome.ok == outcome.sent
    return use.processor / outcome.sent * 1e6, outcome.latency.percentile(0.5)


def test_5_ms_of_processor_time_are_found(load, planted):
    """They are spun by the thread's own clock, so that a busy machine makes them no longer."""
    plain, slow = cost(load, planted())[0], cost(load, planted("--busy", "5"))[0]
    assert slow - plain == pytest.approx(5000, rel=0.10)


def test_5_ms_of_sleep_cost_time_and_no_processor(load, planted):
    plain, slow = cost(load, planted()), cost(load, planted("--sleep", "5"))
    assert slow[1] > 5000
    assert slow[0] - plain[0] < 1000


def test_threads_that_have_ended_are_counted(load, planted):
    server = planted("--busy", "5")
    load.open(goal_of(server), 2)
    before = Hop("planted", tree(server.pid)).read()
    done = load.run(Window(0.3)).ok
    load.let_go()  # and the server's threads end
    use = before.until(Hop("planted", tree(server.pid)).read())
    assert use.processor >= done * 0.005


def reading(when, pid_7=0.0, pid_8=0.0, waits=0.0, quota=None):
    return Reading(when, {7: pid_7, 8: pid_8}, {7: waits, 8: 0.0}, quota)


def test_demand_is_that_of_those_who_do_the_work():
    use = reading(0).until(reading(2, pid_7=1.9, waits=0.1))
    assert (use.seconds, use.processor, use.demand, use.cores) == (2, 1.9, pytest.approx(1.0), 0.95)
    shared = reading(0).until(reading(2, pid_7=0.5, pid_8=0.5))
    assert shared.demand == pytest.approx(0.25)


def test_no_more_than_all_of_the_time():
    assert reading(0).until(reading(1, pid_7=0.5, waits=9)).demand == 1


def test_a_quota():
    use = reading(0, quota=(0, 0.5)).until(reading(2, pid_7=0.2, quota=(0, 1.5)))
    assert use.throttled == 0.5


def test_an_engine_on_another_kernel_is_taken_by_its_word():
    use = Reading(0, {}, {}, (1.0, 0.0)).until(Reading(2, {}, {}, (2.5, 0.2)))
    assert use == Use(2, 1.5, 0.75, 0.1)


def test_what_the_kernel_says_of_a_quota(tmp_path):
    new, old = tmp_path / "new", tmp_path / "old"
    new.write_text("usage_usec 5\nnr_throttled 3\nthrottled_usec 250000\n")
    old.write_text("nr_periods 9\nnr_throttled 3\nthrottled_time 500000000\n")
    assert stopped((new,)) == (0, 0.25)
    assert stopped((old, tmp_path / "gone")) == (0, 0.5)


def test_ourselves():
    assert processor(os.getpid()) > 0
    assert waited(os.getpid()) >= 0
    assert Hop("we", (os.getpid(),)).memory > 2**20
    assert all(file.name == "cpu.stat" for file in accounts(os.getpid()))


def test_somebody_who_is_gone(planted):
    server = planted()
    hop = Hop("planted", tree(server.pid))
    assert hop.lives
    server.process.kill()
    server.process.wait()
    assert not hop.lives
    assert hop.memory == 0
    assert hop.read().processor == {}
    assert tree(server.pid) == ()
