"""No room below a local stack's run folder: for its logs, nginx's temporary files and Redis' data at once."""

import json
import os
import time

from wire.http import fetch
from wire.stack import Stack

from reliability.chaos.bystanders import Bystander, beside
from reliability.chaos.finding import Finding
from reliability.chaos.replacements import wishes
from reliability.chaos.servers import wait_for
from reliability.chaos.stand import stand
from reliability.chaos.store import Disk, everything, small_disk

__all__ = ["run_full"]

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


def tried(stack: Stack, disk: Disk, finding: Finding) -> None:
    """Fill it, look, and make room."""
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


def post(stack: Stack, text: str) -> tuple[int, dict[str, object]]:
    """Say something in the room; returns the status and what is said to it."""
    content = json.dumps({"author": "ada", "text": text}).encode()
    answer = fetch(stack.site, "/rooms/r/messages", "POST", content, {"Content-Type": "application/json"})
    return answer.status, json.loads(answer.text)
