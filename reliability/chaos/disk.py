"""No room: below a local stack's run folder, for logs and Redis' data at once; or in Redis' volume."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from wire.http import fetch
from wire.processes import Processes
from wire.stack import Stack

from reliability.chaos.bystanders import Bystander, beside
from reliability.chaos.finding import Finding
from reliability.chaos.replacements import wishes
from reliability.chaos.servers import wait_for
from reliability.chaos.stand import stand
from reliability.chaos.store import Disk, everything, small_disk

__all__ = ["run_full", "volume_full"]

#: The megabytes that a stack has, and for how many seconds there is no room in them.
MEGABYTES, FULL = 48, 8.0


def run_full() -> Finding:
    """Everything else goes on, a post is refused in words, and what was acknowledged is there afterwards."""
    finding = Finding("no room below .run/")
    with small_disk(megabytes=MEGABYTES) as disk:
        if not disk.mounted:
            finding.note = "not tried: a small disk can be mounted by root only"
            return finding
        with stand("native", {**os.environ, "RUN_DIR": str(disk.folder)}) as stack:
            tried(stack, disk, finding)
    return finding


class Volume:
    """Redis' volume, in a container that keeps it mounted: it is in memory, and gone when nobody has it."""

    def __init__(self, container: str) -> None:
        self.container = container

    def fill(self, _process: int) -> None:
        """Take all the room that there is; it ends with the error that there is no more."""
        self.run("cat /dev/zero > /data/filler")

    def free(self, _process: int) -> None:
        """Give it back."""
        self.run("rm /data/filler")

    def run(self, script: str) -> None:
        """Do something in there."""
        words = ["docker", "exec", self.container, "sh", "-c", script]
        subprocess.run(words, capture_output=True, check=False, timeout=60)


@contextmanager
def small_volume() -> Iterator[Volume]:
    """Somebody else who has it open."""
    volume = f"{os.environ['COMPOSE_PROJECT_NAME']}_redis:/data"
    words = ["run", "--detach", "--rm", "--network", "none", "--volume", volume, "--entrypoint", "sleep"]
    started = subprocess.run(
        ["docker", *words, "redis:8", "600"], capture_output=True, text=True, check=True, timeout=60
    )
    try:
        yield Volume(started.stdout.strip())
    finally:
        words = ["docker", "rm", "--force", started.stdout.strip()]
        subprocess.run(words, capture_output=True, check=True, timeout=60)


def volume_full(stack: Stack, processes: Processes) -> Finding:
    """The same in containers, and Redis is killed afterwards: it has only what is on the disk."""
    finding = Finding("Redis' volume of 8 MB is full")
    with small_volume() as volume:
        acknowledged = tried(stack, volume, finding)
        before = processes.which("redis")
        processes.kill("redis")
        wait_for(lambda: processes.which("redis") not in {before, "0", ""}, 60)
        heard = wait_for(lambda: everything(stack.site.port), 60)
    finding.expect(all(text in heard for text in acknowledged), "what was acknowledged is gone with Redis")
    return finding


def tried(stack: Stack, disk: Disk | Volume, finding: Finding) -> list[str]:
    """Fill it, look, and make room; returns what was acknowledged."""
    others = Bystander(wishes(stack))
    acknowledged: list[str] = []
    refusal = ""
    with beside(others):
        disk.fill(0)
        begun = time.monotonic()
        while time.monotonic() - begun < FULL:
            text = f"{len(acknowledged)} {'x' * 2000}"
            status, said = post(stack, text)
            if status == 201:
                acknowledged.append(text)
            else:
                refusal = f"{status} {said.get('code')}"
            time.sleep(0.1)
        disk.free(0)
        room = time.monotonic()
        wait_for(lambda: post(stack, "after")[0] == 201)
        finding.whole = time.monotonic() - room
    heard = everything(stack.site.port)
    finding.requests, finding.failed = len(others.visits), len(others.failures())
    finding.note = f"a post says {refusal}; p99 of the others {others.slowest() * 1e3:.0f} ms"
    finding.expect(refusal.startswith("503"), "posts were not refused")
    finding.expect(not finding.failed, "others failed")
    finding.expect(all(text in heard for text in acknowledged), "what was acknowledged is gone")
    return acknowledged


def post(stack: Stack, text: str) -> tuple[int, dict[str, object]]:
    """Say something in the room; returns the status and what is said to it."""
    content = json.dumps({"author": "ada", "text": text}).encode()
    answer = fetch(stack.site, "/rooms/r/messages", "POST", content, {"Content-Type": "application/json"})
    return answer.status, json.loads(answer.text)
