"""Who never sleeps gives way, counts, and ends with us; and what that does to the figures."""

import os
import subprocess
import sys
import time
from contextlib import nullcontext
from itertools import pairwise

import psutil
import pytest

from bench import rounds
from bench.awake import ASLEEP, Beat, keep_awake
from bench.hops import OTHERS, Hop, Use, processor
from bench.load import ROOT
from bench.orders import Outcome, Window
from bench.result import costs
from bench.rounds import Books, Turn, measured
from bench.tests.conftest import goal_of

CORE = min(os.sched_getaffinity(0))


def until(true, seconds=20.0):
    """Wait for it."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def busy():
    """Somebody of no special rank, in a session of his own, who takes all that he can have of the core."""
    code = f"import os; os.sched_setaffinity(0, {{{CORE}}})\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as process:
        yield process.pid
        process.kill()


def test_it_counts_on_its_core_and_only_when_it_is_wanted():
    with keep_awake([CORE]) as awake:
        [(pid, _)] = awake.idlers
        assert os.sched_getscheduler(pid) == os.SCHED_IDLE
        assert os.sched_getaffinity(pid) == {CORE}
        until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
        stopped = awake.read()
        with awake.at_work():
            until(lambda: stopped.until(awake.read()).processor > 0.05)
            assert stopped.until(awake.read()).pace > 1000
        until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    assert not psutil.pid_exists(pid)


def test_a_count_is_never_seen_half_written():
    with keep_awake([CORE]) as awake, awake.at_work():
        seen = [awake.read().rounds for _ in range(20_000)]
    assert all(0 <= later - earlier < 5_000_000 for earlier, later in pairwise(seen))


def test_it_gives_way_to_everybody(busy):
    """Whoever wants all of the core has nearly all of it: sessions too are weighed."""
    with keep_awake([CORE]) as awake, awake.at_work():
        until(lambda: processor(busy) > 0.1)
        before, begun = awake.read(), processor(busy)
        until(lambda: processor(busy) - begun > 1.0)
        assert before.until(awake.read()).processor < 0.2


def test_without_what_it_needs_nobody_is_awake(monkeypatch):
    """A container may forbid it, and other systems know no such thing."""
    monkeypatch.setattr("bench.awake.begin", lambda *_: subprocess.Popen([sys.executable, "-c", "exit(1)"]))
    with keep_awake([CORE]) as awake:
        assert awake is ASLEEP
    monkeypatch.delattr(os, "SCHED_IDLE")
    with keep_awake([CORE]) as awake:
        assert not awake.idlers


def test_a_pace_of_hardly_any_time_is_none():
    assert Beat(100, 0.001).pace is None
    assert Beat(100, 0.1).pace == pytest.approx(1000)
    assert ASLEEP.read().until(ASLEEP.read()).pace is None


def test_it_does_not_outlive_who_was_killed():
    code = (
        "import time; from bench.awake import keep_awake\n"
        f"with keep_awake([{CORE}]) as awake, awake.at_work():\n"
        " print(awake.idlers[0][0], flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        pid = int(owner.stdout.readline())
        until(lambda: psutil.Process(pid).cpu_times().user > 0)
        owner.kill()
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


class Once:
    """Says what it is told to, one after the other."""

    def __init__(self, *answers):
        self.answers = iter(answers)

    def __call__(self):
        return next(self.answers)

    read = __call__

    def at_work(self):
        return nullcontext()


def test_it_is_none_of_the_others(planted, load, monkeypatch):
    """Whoever else is on the machine had what no hop has used, and no idler."""
    monkeypatch.setattr(rounds, "machine_busy", Once(10.0, 13.0))
    awake = Once(Beat(100, 1.0), Beat(600_100, 3.0))
    hop = Hop("service", (planted().pid,))
    load.open(goal_of(planted()), 1)
    found = measured(load, {"service": hop}, Window(0.1, 50.0), awake)
    assert found.use[OTHERS].processor == pytest.approx(1.0 - found.use["service"].processor)
    assert found.pace == 300_000


def turn(used, pace):
    use = {"service": Use(1, used, used), "generator": Use(1, 0.2, 0.2)}
    opened = Outcome(sent=1000, ok=1000, seconds=1.0)
    return Turn(opened, opened, use, use, {}, Books(1000, None, None), 1000, 1, pace)


def test_what_took_longer_on_a_slower_core_costs_the_same():
    found = costs([turn(0.1, 300_000), turn(0.2, 150_000), turn(0.05, 600_000)])
    assert found["service"]["rounds"] == found["server"]["rounds"] == pytest.approx([100, 100, 100])
    assert found["generator"]["rounds"] == pytest.approx([200, 200, 200])  # it has a core of its own


def test_where_a_pace_is_unknown_all_is_as_it_was_measured():
    found = costs([turn(0.15, 200_000), turn(0.1, 300_000), turn(0.15, None)])
    assert found["service"]["rounds"] == pytest.approx([150, 100, 150])
