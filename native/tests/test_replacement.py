"""A program that serves is replaced by the next one, and somebody serves all the while."""

import contextlib
import os
import socket
import sys
import threading

import pytest

from native import control, replacement, supervisor
from native.ports import free_ports
from native.problem import Problem
from native.processes import wait_until
from native.programs import Program

#: Says who it is to whoever comes. Told to stop, it answers those who have come already.
SERVER = """
import os, pathlib, signal, socket, sys
if pathlib.Path(sys.argv[2]).exists():
    sys.exit("broken")
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
listener.settimeout(0.05)
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(True))
print("now it serves", flush=True)
while True:
    try:
        with listener.accept()[0] as guest:
            guest.sendall(b"%d" % os.getpid())
    except TimeoutError:
        if told:
            listener.close()
            break
"""


@pytest.fixture
def serving(run_dir, tmp_path):
    """One such program under supervisord; its port, and the file that breaks the next one."""
    port, broken = free_ports(1)[0], tmp_path / "broken"
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    command = (sys.executable, str(script), str(port), str(broken))
    program = Program("one", command, lambda: None, announces="now it serves")
    session = supervisor.start(supervisor.render([program], run_dir), dict(os.environ), run_dir)
    log = run_dir.logs / "one.log"
    assert wait_until(lambda: log.exists() and "now it serves" in log.read_text(), 20)
    yield program, port, broken
    session.stop(run_dir)
    assert session.is_over()
    assert session.members == []


def ask(port):
    """Who serves?"""
    with socket.create_connection(("127.0.0.1", port), 10) as guest:
        return int(guest.recv(100))


def test_it_does_not_stand_in_before_it_is_asked(serving, run_dir):
    assert control.states(run_dir)["one-stand-in"].state == "STOPPED"


def test_somebody_serves_while_it_is_replaced(serving, run_dir):
    program, port, _ = serving
    first, done, answers = ask(port), threading.Event(), []

    def guest():
        while not done.is_set():
            # Whoever comes between the last accept and the close is reset, and asks again. Nobody is refused.
            with contextlib.suppress(ConnectionResetError):
                answers.append(ask(port))

    thread = threading.Thread(target=guest)
    thread.start()
    replacement.replace(program, run_dir)
    done.set()
    thread.join()
    now = control.states(run_dir)
    assert (now["one"].state, now["one-stand-in"].state) == ("RUNNING", "STOPPED")
    assert ask(port) == now["one"].pid != first
    assert len(set(answers)) == 3, "the first, its stand-in and the next"


def test_one_that_does_not_come_to_serve_changes_nothing(serving, run_dir, monkeypatch):
    program, port, broken = serving
    monkeypatch.setattr(replacement, "SERVES_WITHIN", 2.0)
    first = ask(port)
    broken.touch()
    with pytest.raises(
        Problem, match=r"(?s)broken.*one-stand-in did not come to serve.*the one that runs goes on"
    ):
        replacement.replace(program, run_dir)
    assert ask(port) == first == control.states(run_dir)["one"].pid
    assert control.states(run_dir)["one-stand-in"].pid == 0


def test_a_stack_from_before_there_were_stand_ins(serving, run_dir):
    other = Program("two", ("sleep", "1"), lambda: None, announces="now it serves")
    with pytest.raises(Problem, match="two-stand-in can't be started"):
        replacement.replace(other, run_dir)
