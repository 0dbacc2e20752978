"""``make reload`` in mid-conversation: nobody fails, and who listens misses nothing."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from wire.crowd import Listener, crowd
from wire.processes import compose
from wire.stack import Stack

from reliability.chaos.bystanders import Bystander, Wish, beside
from reliability.chaos.finding import Finding
from reliability.chaos.servers import ROOT, wait_for

__all__ = ["both_replaced", "replaced"]

#: What each of the HTTP services is asked for; what is posted can't be asked a second time by nginx.
ASKED = {
    "web": (("/hello/", None), ("/echo", b"x" * 64)),
    "httpd": (("/hello", None), ("/echo", b"x" * 64)),
    "httpd-wsgi": (("/hello", None), ("/echo", b"x" * 64)),
}

#: What there are two of in doubled.yml.
TWICE = ("web", "httpd", "realtime")

#: Seconds within which a listener is back.
BACK_WITHIN = 5.0


def wishes(stack: Stack, services: Sequence[str] = tuple(ASKED)) -> list[Wish]:
    """All of these, through nginx."""
    return [
        Wish(stack.http(service, "nginx"), path, content)
        for service in services
        for path, content in ASKED[service]
    ]


class Gaps(threading.Thread):
    """For how long, at most, each listener has heard nothing while messages were posted all the time."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        super().__init__(name="Gaps", daemon=True)
        self.listeners = listeners
        self.longest = dict.fromkeys(listeners, 0.0)
        self.done = threading.Event()

    def run(self) -> None:
        last = {listener: (listener.seen, time.monotonic()) for listener in self.listeners}
        while not self.done.wait(0.05):
            for listener, (seen, when) in last.items():
                now = time.monotonic()
                self.longest[listener] = max(self.longest[listener], now - when)
                if listener.seen != seen:
                    last[listener] = listener.seen, now


def replaced(stack: Stack, requests: int = 5_000, service: str = "") -> Finding:
    """Every service, or one, is replaced while so many requests are made, with a crowd in a room."""
    finding = Finding(f"make reload{' SERVICE=' + service if service else ''}")
    guests = [Bystander(wishes(stack), 0.01, keep=bool(number % 2)) for number in range(6)]
    with crowd(stack, every=0.05) as talking:
        gaps = Gaps([each for each in talking.listeners if each.name == "Frames"])
        gaps.start()
        with beside(*guests):
            begun = time.monotonic()
            done = reload(stack, service)
            finding.whole = time.monotonic() - begun
            finding.expect(done.returncode == 0, f"make reload failed: {(done.stdout + done.stderr)[-300:]}")
            wait_for(lambda: sum(len(guest.visits) for guest in guests) >= requests, 600)
        gaps.done.set()
        gaps.join()
        back = max(gaps.longest.values())
    failures = [failure for guest in guests for failure in guest.failures()]
    finding.requests = sum(len(guest.visits) for guest in guests)
    finding.failed = len(failures)
    finding.note = (
        f"WebSockets back within {back:.1f} s, nothing missed; p99 {guests[0].slowest() * 1e3:.0f} ms"
    )
    finding.expect(not failures, "; ".join(f"{wish}: {visit.what}" for wish, visit in failures[:3]))
    finding.expect(back < BACK_WITHIN, f"a WebSocket heard nothing for {back:.1f} s")
    return finding


def both_replaced(stack: Stack) -> Finding:
    """Of some services there are two, and two there are afterwards."""
    finding = replaced(stack)
    finding.fault = f"make reload, two of {', '.join(TWICE)}"
    for service in TWICE:
        count = len(compose("ps", "--quiet", service).split())
        finding.expect(count == 2, f"there are {count} of {service} now")
    return finding


def reload(stack: Stack, service: str) -> "subprocess.CompletedProcess[str]":
    """As a person types it."""
    environ = {**os.environ, **stack.settings, "RUN_DIR": str(stack.run_dir), "SERVICE": service}
    return subprocess.run(
        [sys.executable, "-m", "native", "reload"],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
