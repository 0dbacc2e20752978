"""The stack of local processes, with two small programs in place of the ten; all else is as it is."""

import math
import os
import signal
import socket
import sys
import threading
from dataclasses import replace

import pytest

from native import health, interrupts, local
from native.control import states
from native.local import Local
from native.ports import Listener, free_ports
from native.problem import Problem
from native.processes import wait_until
from native.programs import Program
from native.session import Session


class Small(Local):
    """A stack with its own table of programs, and nothing to prepare."""

    table = ()
    programs = property(lambda self: self.table)

    def prepare(self, surroundings):
        """Do without nginx, Redis and static files."""


@pytest.fixture(autouse=True)
def _as_set_up(monkeypatch):
    """Whoever runs these tests has set up already; and Ctrl-C works after them as before."""
    monkeypatch.setattr("native.setup.for_running", lambda: None)
    before = {kind: signal.getsignal(kind) for kind in interrupts.KINDS}
    yield
    for kind, handler in before.items():
        signal.signal(kind, handler)


@pytest.fixture
def stack(free_settings, run_dir, echo):
    """Two echo servers."""
    small = Small(free_settings, run_dir, os.environ)
    small.table = tuple(
        Program(
            name,
            (*echo, str(port)),
            health.tcp_echo("127.0.0.1", port),
            (Listener(f"{name.upper()}_PORT", "127.0.0.1", port),),
        )
        for name, port in zip(("one", "two"), free_ports(2), strict=True)
    )
    yield small
    small.stop()


@pytest.fixture
def broken(stack):
    """The same, with a third that says why and ends."""
    command = (sys.executable, "-c", "import sys; sys.exit('the reason why')")
    stack.table += (Program("broken", command, health.tcp_echo("127.0.0.1", free_ports(1)[0])),)
    return stack


@pytest.fixture
def silent(stack):
    """The same, with a third that listens and never answers, as a Redis that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stack.table += (Program("redis", ("sleep", "600"), health.redis_pong("127.0.0.1", port)),)
        yield stack


def test_up_to_healthy_and_down(stack, capsys):
    stack.up()
    said = capsys.readouterr().out
    assert "one            healthy after" in said
    assert f"http://127.0.0.1:{stack.settings['HTTP_PORT']}/" in said
    assert stack.exists
    assert stack.status()
    assert health.try_all({each.name: each.probe for each in stack.programs}) == {}
    stack.down()
    assert not stack.exists
    assert "down after" in capsys.readouterr().out
    assert set(health.try_all({each.name: each.probe for each in stack.programs})) == {"one", "two"}


def test_up_twice(stack, capsys):
    stack.up()
    session = stack.session
    capsys.readouterr()
    stack.up()
    said = capsys.readouterr().out
    assert said.startswith("it is up already, and well")
    assert f"http://127.0.0.1:{stack.settings['HTTP_PORT']}/" in said
    assert stack.session == session


def test_up_with_other_settings(stack):
    stack.up()
    before = stack.settings["HTTP_PORT"]
    stack.settings = type(stack.settings)({**stack.settings, "HTTP_PORT": "1"})
    with pytest.raises(Problem, match=f"HTTP_PORT was {before}.*`make down` first"):
        stack.up()


def test_a_taken_port_before_anything_starts(stack):
    port = stack.table[0].listeners[0].port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(Problem) as caught:
        stack.up()
    assert str(caught.value) == f"port {port} is taken: set ONE_PORT to a free one"
    assert Session.recorded(stack.run_dir) is None


def test_a_program_that_keeps_ending(broken):
    with pytest.raises(Problem) as caught:
        broken.up()
    said = str(caught.value)
    assert "--- broken: it keeps ending" in said
    assert "the reason why" in said
    assert said.splitlines()[-1] == "not healthy: broken; mend what stands above, and `make up` again"
    assert not broken.exists


def test_a_redis_that_does_not_answer(silent, monkeypatch):
    monkeypatch.setattr(local, "HEALTHY_WITHIN", 1.0)
    monkeypatch.setattr(health, "ANSWER_WITHIN", 0.2)
    with pytest.raises(Problem, match=r"--- redis: no answer within .*; it has logged nothing"):
        silent.up()
    assert not silent.exists


def test_a_redis_that_hangs_is_not_waited_for_as_long_as_the_others(silent, monkeypatch):
    """One that answers has a voice from its first moment on; the limit for all of them is far away."""
    monkeypatch.setattr(health, "ANSWER_WITHIN", 0.2)
    silent.table = (*silent.table[:-1], replace(silent.table[-1], silent_for=0.5))
    with pytest.raises(Problem, match=r"--- redis: it accepts connections, and has answered none for \d+ s"):
        silent.up()
    assert not silent.exists


def test_who_may_be_silent_for_how_long(stack):
    programs = {
        program.name: program.silent_for for program in Local(stack.settings, stack.run_dir, {}).programs
    }
    assert {name for name, seconds in programs.items() if seconds < local.HEALTHY_WITHIN} == {"redis"}


def test_silence_counts_from_its_beginning_and_ends_with_a_word(monkeypatch):
    now = 0.0
    monkeypatch.setattr(local.time, "monotonic", lambda: now)
    silent, patience = {}, {"redis": 5.0, "web": math.inf}
    quiet = {"redis": "no answer within 3 s", "web": "no answer within 3 s"}
    assert local.hanging(silent, quiet, patience) == {}
    now = 4.0
    assert local.hanging(silent, {**quiet, "redis": "it is loading"}, patience) == {}
    now = 8.0
    assert local.hanging(silent, quiet, patience) == {}
    now = 13.0
    assert set(local.hanging(silent, quiet, patience)) == {"redis"}


def test_only_the_cause_is_named(stack):
    """Those whose health check asks a Redis that is down would fill the screen with its absence."""
    said = str(stack.failure({"redis": "nothing listens there", "web": "503", "nginx": "503", "two": "late"}))
    assert said.splitlines()[-1].startswith("not healthy: redis, two;")
    assert "503" not in said


def test_ctrl_c_while_it_comes_up(silent, capsys):
    """A second Ctrl-C, which an impatient person sends, changes nothing."""

    def press():
        assert wait_until(lambda: "one" in states(silent.run_dir), 10)
        os.kill(os.getpid(), signal.SIGINT)
        assert wait_until(lambda: signal.getsignal(signal.SIGINT) is signal.SIG_IGN, 10)
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        silent.up()
    presser.join()
    assert "stopping what was started" in capsys.readouterr().out
    assert not silent.exists
    assert silent.run_dir.recorded() == {}


def kill_supervisor(stack):
    session = stack.session
    os.kill(session.leader, signal.SIGKILL)
    assert wait_until(session.is_over, 10)
    # Its children live on, but for the listener that orphans.py is.
    assert wait_until(lambda: len(session.members) == len(stack.programs), 10)
    assert stack.exists


def test_down_after_the_supervisor_was_killed(stack, capsys):
    stack.up()
    kill_supervisor(stack)
    assert not stack.status()
    assert "its supervisor has died, and `make down` stops 2 processes" in capsys.readouterr().out
    stack.down()
    assert not stack.exists


def test_up_after_the_supervisor_was_killed(stack, capsys):
    stack.up()
    kill_supervisor(stack)
    stack.up()
    assert "stopping the rest of it" in capsys.readouterr().out
    assert stack.session.runs


def test_what_dies_is_restarted(stack):
    stack.up()
    os.kill(states(stack.run_dir)["one"].pid, signal.SIGKILL)
    probe = stack.table[0].probe
    assert wait_until(lambda: health.failure(probe) is None, 10)
    assert wait_until(stack.status, 10)


def test_up_while_one_is_not_well(stack, monkeypatch):
    stack.up()
    monkeypatch.setattr(health, "ANSWER_WITHIN", 0.2)
    pid = states(stack.run_dir)["one"].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        assert not stack.status()
        with pytest.raises(Problem, match=r"it is up, but not well \(one: no answer"):
            stack.up()
    finally:
        os.kill(pid, signal.SIGCONT)


def test_logs(stack, capsys):
    stack.up()
    assert wait_until(lambda: (stack.run_dir.logs / "two.log").stat().st_size > 0, 10)
    capsys.readouterr()
    stack.logs(follow=False, service="two")
    assert capsys.readouterr().out == "two              | echo begins\n"
    with pytest.raises(Problem, match="no logs of three"):
        stack.logs(follow=False, service="three")


def test_down_when_nothing_is_up(stack, capsys):
    stack.down()
    assert capsys.readouterr().out == "nothing was up\n"


def test_a_stale_record_of_another_boot(stack):
    """A machine that was switched off while the stack was up: the numbers mean nothing any more."""
    stack.run_dir.record(mode="native", session=os.getpid(), born="another boot:1", settings={})
    assert not stack.exists
    stack.up()
    assert stack.session.runs
