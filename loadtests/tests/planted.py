"""Starts servers of `peers.py` and processes of ours, for the tests that look at Locust from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

__all__ = ["ENVIRONMENT", "ROOT", "Peer", "run", "until"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KINDS = {"TcpEcho": "tcp", "RealtimeEcho": "ws"}
ENVIRONMENT = {name: text for name, text in os.environ.items() if not name.endswith(("_ADDRESS", "_PORT"))}


def until(what, condition, seconds=15.0):
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
