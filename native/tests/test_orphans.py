"""What is left of a process group is stopped, and nobody else."""

import io
import os
import signal
import subprocess
import sys

import pytest

from native import orphans
from native.processes import alive, wait_until

#: A leader with two children, one of which does not go when it is asked; all in one group of our session.
FAMILY = """
import subprocess, sys, time
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
subprocess.Popen([sys.executable, "-c", deaf])
time.sleep(600)
"""


@pytest.fixture
def family(monkeypatch):
    monkeypatch.setattr(orphans, "GRACEFULLY_WITHIN", 0.3)
    leader = subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, text=True, process_group=0
    )
    assert leader.stdout.readline() == "deaf\n"
    assert wait_until(lambda: len(orphans.members(leader.pid)) == 3, 10)
    yield leader
    for pid in orphans.members(leader.pid):
        os.kill(pid, signal.SIGKILL)
    leader.wait()
    leader.stdout.close()


def kill(leader):
    leader.kill()
    leader.wait()


def test_the_group_ends(family):
    children = set(orphans.members(family.pid)) - {family.pid}
    kill(family)
    assert orphans.end_group(family.pid) == 2
    assert wait_until(lambda: not any(alive(pid) for pid in children), 10)
    assert orphans.end_group(family.pid) == 0


def test_nobody_of_another_session(family):
    """A number may belong to somebody else's group by now."""
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        assert orphans.end_group(stranger.pid) == 0
        assert alive(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


def test_the_protocol(family, capsys):
    kill(family)
    content = f"processname:nginx groupname:nginx from_state:RUNNING expected:0 pid:{family.pid}"
    header = f"ver:3.0 server:supervisor serial:1 eventname:PROCESS_STATE_EXITED len:{len(content)}\n"
    answers = io.StringIO()
    orphans.listen(io.StringIO(header + content + header + content), answers)
    assert answers.getvalue() == "READY\nRESULT 2\nOKREADY\nRESULT 2\nOKREADY\n"
    assert capsys.readouterr().err == "nginx has ended and left 2 processes, which were stopped\n"
