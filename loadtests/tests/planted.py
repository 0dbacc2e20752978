"""Starts servers of `peers.py` and processes of ours, for the tests that look at Locust from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

__all__ = ["ENVIRONMENT", "ROOT", "Peer", "RoomPeer", "free_port", "locust_until", "run", "until"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KINDS = {"TcpEcho": "tcp", "RealtimeEcho": "ws"}
ENVIRONMENT = {name: text for name, text in os.environ.items() if not name.endswith(("_ADDRESS", "_PORT"))}


def until(what, condition, seconds=60.0):
    """What the condition gives, once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"no {what} within {seconds} s"
        time.sleep(0.05)
    return found


def run(module, *arguments, **environment):
    """Run a module of ours, or Locust, to its end."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=ENVIRONMENT | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def free_port():
    """One on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Peer:
    """A server with planted faults, and afterwards its own counts."""

    def __init__(self, user_class, fault="none", every=1, port=0, size=64):
        arguments = [KINDS.get(user_class, "http"), fault, every, port, size]
        command = [sys.executable, str(HERE / "peers.py"), *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = f"127.0.0.1:{self.process.stdout.readline().strip()}"

    def so_far(self):
        """Its counts up to now."""
        self.process.send_signal(signal.SIGUSR1)
        return json.loads(self.process.stdout.readline())

    def counts(self):
        """Its counts at its end, which this is."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=10)
        assert self.process.returncode == 0
        return json.loads(out)


class RoomPeer(Peer):
    """A room with planted faults, over every transport."""

    def __init__(self, fault="none", every=10):
        command = [sys.executable, str(HERE / "room_peer.py"), fault, str(every)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ports = self.process.stdout.readline().split()
        self.address, *self.others = (f"127.0.0.1:{port}" for port in ports)


def locust_until(enough, *arguments, **addresses):
    """Run Locust without its page until there is enough of it; give its exit status."""
    command = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless"]
    command += ["-r", "100", "-t", "60s", "--only-summary", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT | addresses, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    ) as running:  # fmt: skip
        try:
            until("load", enough)
        finally:
            running.terminate()
            output, _ = running.communicate(timeout=30)
    assert "Traceback" not in output, output
    return running.returncode
