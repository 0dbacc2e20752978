"""Which processes live, and stopping the ones that were left behind.

Everything that one ``make up`` starts is in one *session* (setsid(2)), whose number is the process id of its
leader, supervisord. Children inherit it, keep it when their parent dies, and the kernel gives that number to
no new process as long as anyone is left in the session. So a session finds every process of ours, also after
``kill -9`` of the supervisor, and never one of somebody else's that happens to have the same name.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["alive", "boot", "born", "session_members", "stop", "wait_until"]

PROC = Path("/proc/self/stat")


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again until ``condition`` is true (or not, after ``seconds``)."""
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def alive(pid: int) -> bool:
    """Is there such a process, and is it more than a zombie that nobody has reaped?"""
    return born(pid) is not None


def boot() -> str:
    """Which start of the machine this is; empty where nothing tells."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def born(pid: int) -> str | None:
    """When a process started, to tell it from a later one with the same number; None if it is gone.

    Only good for comparing: which start of the machine, a colon, and ticks since then, or a date.
    """
    when = born_by_proc(pid) if PROC.exists() else born_by_ps(pid)
    return when and f"{boot()}:{when}"


def born_by_proc(pid: int) -> str | None:
    """From Linux's /proc."""
    try:
        # The name of the program, in brackets, may hold spaces; what follows it starts with the state.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def born_by_ps(pid: int) -> str | None:
    """The same, from ps(1)."""
    done = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, start = done.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else start.strip()


def every_pid() -> list[int]:
    """Every process of the machine."""
    if PROC.exists():
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    done = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


def session_members(session: int) -> list[int]:
    """The living processes of a session."""
    members = []
    for pid in every_pid():
        try:
            if os.getsid(pid) == session and alive(pid):
                members.append(pid)
        except (ProcessLookupError, PermissionError):
            continue  # it went away in between, or is somebody else's
    return members


def send(pids: list[int], number: signal.Signals) -> None:
    """Signal each process that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


#: How long those who were left behind may take to go when they are asked.
GRACEFULLY_WITHIN = 5.0


def stop(session: int) -> list[int]:
    """Stop what is left of a session: ask, then kill. Returns whom it had to stop."""
    left = session_members(session)
    send(left, signal.SIGTERM)
    if not wait_until(lambda: not session_members(session), GRACEFULLY_WITHIN):
        send(session_members(session), signal.SIGKILL)
        wait_until(lambda: not session_members(session), 5.0)
    return left
