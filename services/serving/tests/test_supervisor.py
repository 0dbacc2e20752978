"""A parent and its workers, in processes of their own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

PROGRAM = """
import os, signal, sys, time
from serving.log import Log
from serving.supervisor import Job, Supervisor, on_stop

def say(text):
    os.write(1, text.encode() + b"\\n")  # in one piece: several processes share it

def obey():
    stopped = []
    on_stop(lambda: stopped.append(True))
    say(f"up {os.getpid()}")
    while not stopped:
        time.sleep(0.01)

def defy():
    on_stop(lambda: None)
    say(f"up {os.getpid()}")
    while True:
        time.sleep(1)

def fail():
    say(f"up {os.getpid()}")
    raise RuntimeError("on purpose")

jobs = [Job(name, globals()[name]) for name in sys.argv[1:]]
Supervisor(jobs, Log("test"), patience=float(os.environ["PATIENCE"]), report=lambda: say("report")).run(
    lambda: say("stopped"))
say("end")
"""


@pytest.fixture
def start() -> Iterator:
    started = []

    def run(*jobs: str, PATIENCE: str = "0.5") -> subprocess.Popen:  # noqa: N803 - as the environment has it
        command = [sys.executable, "-c", PROGRAM, *jobs]
        started.append(
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env={**os.environ, "PATIENCE": PATIENCE},
            )
        )  # fmt: skip
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def up(process: subprocess.Popen) -> int:
    """The next worker that says it is there."""
    word, pid = process.stdout.readline().split()
    assert word == "up"
    return int(pid)


def test_it_stops_its_workers_and_then_itself(start):
    process = start("obey", "obey")
    workers = {up(process), up(process)}
    process.terminate()
    output, errors = process.communicate(timeout=10)
    assert output == "stopped\nend\n"
    assert errors == ""
    assert process.returncode == 0
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_worker_that_does_not_stop_is_killed(start):
    process = start("obey", "defy")
    up(process), up(process)
    begin = time.monotonic()
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0
    assert 0.4 < time.monotonic() - begin < 8


def test_told_twice_it_does_not_wait_out_its_patience(start):
    process = start("defy", PATIENCE="1000")
    up(process)
    process.terminate()
    assert process.stdout.readline() == "stopped\n"
    process.terminate()
    output, _ = process.communicate(timeout=20)
    assert (output, process.returncode) == ("end\n", 0)


def test_a_worker_that_ends_is_replaced_ever_more_slowly(start):
    process = start("fail")
    for _ in range(4):
        up(process)
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert errors.count("RuntimeError: on purpose") >= 4
    delays = re.findall(r'"died", "worker": "fail", "pid": \d+, "status": 1, "replaced_in": ([\d.]+)', errors)
    assert delays[:3] == ["0.2", "0.4", "0.8"]


def test_a_killed_worker_is_replaced_and_the_other_stays(start):
    process = start("obey", "obey")
    first, second = up(process), up(process)
    os.kill(first, signal.SIGKILL)
    third = up(process)
    assert third not in {first, second}
    os.kill(second, 0)
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert f'"died", "worker": "obey", "pid": {first}, "signal": "SIGKILL"' in errors
    assert process.returncode == 0


def test_a_worker_that_a_signal_without_a_name_has_ended_is_replaced(start):
    process = start("obey")
    first = up(process)
    os.kill(first, signal.SIGRTMIN + 1)
    assert up(process) != first
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert f'"died", "worker": "obey", "pid": {first}, "signal": "{signal.SIGRTMIN + 1}"' in errors
    assert process.returncode == 0


def test_it_reports_when_it_is_asked(start):
    process = start("obey")
    up(process)
    process.send_signal(signal.SIGUSR1)
    assert process.stdout.readline() == "report\n"


def test_a_stop_that_comes_at_once_is_obeyed(start):
    for _ in range(5):
        process = start("obey", "obey")
        up(process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        assert process.returncode == 0
