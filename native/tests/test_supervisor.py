"""A real supervisord: what it starts, what it restarts, and that nothing of it is left."""

import os
import signal
import sys
import time

import pytest

from native import control, health, processes, supervisor
from native.ports import free_ports
from native.processes import wait_until
from native.programs import Program
from native.session import Session


def program(name, *command, **more):
    return Program(name, command, lambda: None, **more)


@pytest.fixture
def start(run_dir):
    """Start supervisord with these programs."""
    sessions = []

    def begin(*programs):
        session = supervisor.start(supervisor.render(programs, run_dir), dict(os.environ), run_dir)
        sessions.append(session)
        return session

    yield begin
    for session in sessions:
        session.stop(run_dir)
        assert session.is_over()  # reaps it
        assert session.members == []


@pytest.fixture
def states(run_dir):
    def ask():
        """The programs' states; the listener that orphans.py is, runs beside them."""
        return {name: state.state for name, state in control.states(run_dir).items() if name != "orphans"}

    return ask


def all_in(states, state, count):
    return wait_until(lambda: list(states().values()) == [state] * count, 10)


def test_starts_and_says_so(start, states):
    start(program("one", "sleep", "600"), program("two", "sleep", "600", count=2))
    assert all_in(states, "RUNNING", 3)
    assert set(states()) == {"one", "two-0", "two-1"}


def test_restarts_what_dies(start, run_dir, states):
    start(program("one", "sleep", "600"))
    assert all_in(states, "RUNNING", 1)
    first = control.states(run_dir)["one"].pid
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: control.states(run_dir)["one"].pid not in (0, first), 10)


def test_the_children_of_what_was_killed_end(start, run_dir, states):
    """As nginx's workers do not, when their master is killed; they hold the port that the next one needs."""
    session = start(program("one", "sh", "-c", "sleep 601 & exec sleep 602"))
    assert all_in(states, "RUNNING", 1)
    killed = control.states(run_dir)["one"].pid
    children = [pid for pid in session.members if pid != killed and os.getpgid(pid) == killed]
    assert len(children) == 1
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: not processes.alive(children[0]), 10)
    log = run_dir.logs / "orphans.log"
    assert wait_until(lambda: "one has ended and left 1 processes" in log.read_text(), 10)
    assert all_in(states, "RUNNING", 1)


def test_stop_leaves_nothing(start, run_dir, states):
    session = start(program("one", "sleep", "600"), program("two", "sh", "-c", "sleep 600 & wait"))
    assert all_in(states, "RUNNING", 2)
    assert wait_until(lambda: len(session.members) == 5, 10)  # with supervisord and its listener
    session.stop(run_dir)
    assert session.members == []
    assert not session.runs


def test_a_supervisor_that_was_killed(start, run_dir, states):
    """Its children live on, without a parent; the session still has them."""
    session = start(program("one", "sleep", "600"), program("two", "sh", "-c", "sleep 600 & wait"))
    assert all_in(states, "RUNNING", 2)
    os.kill(session.leader, signal.SIGKILL)
    assert wait_until(session.is_over, 10)
    assert wait_until(lambda: len(session.members) == 3, 10)  # the listener has ended by itself
    session.stop(run_dir)
    assert session.members == []


def test_a_session_of_another_boot_or_process_is_none_of_ours():
    assert Session(os.getsid(0), "another boot:1").members == []
    assert not Session(os.getpid(), "another boot:1").runs


def test_the_session_is_recorded(start, run_dir):
    session = start(program("one", "sleep", "600"))
    assert Session.recorded(run_dir) == session


def test_no_session(run_dir):
    assert Session.recorded(run_dir) is None
    assert control.states(run_dir) == {}


def test_logs_are_a_file_a_process(start, run_dir):
    start(program("one", "sh", "-c", "echo out; echo err >&2; sleep 600"))
    log = run_dir.logs / "one.log"
    assert wait_until(lambda: log.exists() and log.read_text() == "out\nerr\n", 10)


def test_words_that_a_configuration_could_misread(start, run_dir):
    """Percent signs, quotes and spaces reach the program as they are."""
    command = (
        sys.executable,
        "-c",
        "import os, sys; print(sys.argv[1:], os.environ['NAME']); sys.stdin.read()",
    )
    start(program("one", *command, "100%", "a b", "it's", environment={"NAME": "50% of [::1]:80"}))
    log = run_dir.logs / "one.log"
    assert wait_until(lambda: log.exists() and "\n" in log.read_text(), 10)
    assert log.read_text().startswith("['100%', 'a b', \"it's\"] 50% of [::1]:80\n")


def test_open_files(start, run_dir):
    start(program("one", "sh", "-c", "ulimit -n; sleep 600"))
    log = run_dir.logs / "one.log"
    assert wait_until(lambda: log.exists() and "\n" in log.read_text(), 10)
    limit = log.read_text().strip()
    assert limit == "unlimited" or int(limit) >= 4096


def test_the_program_that_holds_a_port_lets_it_go(start, run_dir, states, echo):
    port = free_ports(1)[0]
    session = start(program("echo", *echo, str(port)))
    probe = health.tcp_echo("127.0.0.1", port)
    assert wait_until(lambda: health.failure(probe) is None, 10)
    session.stop(run_dir)
    assert health.failure(probe) == "nothing listens there"


def test_a_program_that_does_not_stop_is_killed(start, run_dir, states, monkeypatch):
    monkeypatch.setattr(control, "STOP_WITHIN", 0.5)
    monkeypatch.setattr(processes, "GRACEFULLY_WITHIN", 0.5)
    deaf = "trap '' TERM; echo deaf; while :; do sleep 1; done"
    session = start(program("deaf", "sh", "-c", deaf))
    assert wait_until((run_dir.logs / "deaf.log").exists, 10)
    assert all_in(states, "RUNNING", 1)
    before = time.monotonic()
    session.stop(run_dir)
    assert session.members == []
    assert time.monotonic() - before < 12
    assert processes.session_members(session.leader) == []
