"""A session finds every process that was started in it, and only those."""

import os
import signal
import subprocess
import sys

import pytest

from native import processes
from native.processes import alive, born, born_by_ps, session_members, stop, wait_until

#: A parent with two children; it says when they run. The second child would not go when it is asked.
FAMILY = """
import subprocess, sys, time
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
subprocess.Popen([sys.executable, "-c", deaf])
time.sleep(600)
"""


@pytest.fixture
def family():
    """A leader of a session with two children."""
    leader = subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert leader.stdout.readline() == "deaf\n"
    assert wait_until(lambda: len(session_members(leader.pid)) == 3, 10)
    yield leader
    for pid in session_members(leader.pid):
        os.kill(pid, signal.SIGKILL)
    leader.wait()
    leader.stdout.close()


def test_children_are_found_after_their_parent_was_killed(family):
    children = set(session_members(family.pid)) - {family.pid}
    family.kill()
    family.wait()
    assert set(session_members(family.pid)) == children


def test_stop_asks_and_then_kills(family, monkeypatch):
    monkeypatch.setattr(processes, "GRACEFULLY_WITHIN", 0.5)
    family.kill()
    family.wait()
    assert len(stop(family.pid)) == 2
    assert session_members(family.pid) == []


def test_ourselves_are_not_in_it(family):
    assert os.getpid() not in session_members(family.pid)


def test_born_tells_processes_apart(family):
    assert born(os.getpid()) == born(os.getpid())
    assert born(os.getpid()) != born(family.pid)


def test_a_zombie_is_not_alive():
    child = subprocess.Popen([sys.executable, "-c", ""])
    try:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has reaped it
        assert not alive(child.pid)
        assert born(child.pid) is None
    finally:
        child.wait()


def test_nobody():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert born(child.pid) is None
    assert session_members(child.pid) == []
    assert stop(child.pid) == []


def test_ps_says_the_same_as_proc(family):
    """Where there is no /proc, ps(1) is asked."""
    assert born_by_ps(family.pid) == born_by_ps(family.pid)
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert born_by_ps(child.pid) is None
    child.wait()
    assert born_by_ps(child.pid) is None
