"""Redis in trouble, under our own services: full, hanging, or on a disk that is full."""

import http.client
import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from redis import Redis
from rooms.redis_server import RedisServer
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin
from wire.stack import Base

from reliability.chaos.bystanders import Bystander, Wish, beside
from reliability.chaos.finding import Finding
from reliability.chaos.servers import Server, server, wait_for

__all__ = ["Disk", "disk_full", "everything", "full", "hanging", "killed", "small_disk"]

#: How long Redis hangs, in seconds.
HANGS = 5.0


@contextmanager
def member(port: int, room: str = "r") -> Iterator[ClientConnection]:
    """Somebody in a room."""
    with connect(f"ws://127.0.0.1:{port}/ws/rooms/{room}", ping_interval=None) as websocket:
        frame(websocket, "welcome")
        yield websocket


def frame(websocket: ClientConnection, *kinds: str, seconds: float = 30.0) -> dict[str, object]:
    """The next frame of one of these kinds."""
    while (said := json.loads(websocket.recv(seconds)))["type"] not in kinds:
        pass
    return dict(said)


def post(websocket: ClientConnection, text: str) -> dict[str, object]:
    """Say something; returns what is answered, an ack or an error."""
    websocket.send(json.dumps({"author": "ada", "text": text, "ref": 1}))
    return frame(websocket, "ack", "error")


def guest(port: int, *, path: str = "/livez") -> Bystander:
    """One who needs nothing of Redis."""
    return Bystander([Wish(Base("127.0.0.1", port, ""), path)])


def conclude(finding: Finding, asking: Bystander, since: float) -> None:
    """Nobody else was held up."""
    finding.requests, finding.failed = len(asking.visits), len(asking.failures())
    finding.note = f"p99 of the others {asking.slowest(since) * 1e3:.0f} ms"
    finding.expect(not finding.failed, "others failed")
    finding.expect(asking.slowest(since) < 1, "others were held up")


def full() -> Finding:
    """No memory left, and nothing evicted: a post is refused with a reason, and goes through again later."""
    finding = Finding("Redis' memory is full")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(RedisServer(folder))
        both = [stack.enter_context(server(name, REDIS_URL=store.url)) for name in ("realtime", "web")]
        admin = stack.enter_context(Redis.from_url(store.url))
        websocket = stack.enter_context(member(both[0].port))
        finding.expect(post(websocket, "before")["type"] == "ack", "a post failed before")
        asking = guest(both[0].port)
        with beside(asking):
            begun = time.monotonic()
            admin.config_set("maxmemory", 1)
            answer = post(websocket, "x" * 1000)
            finding.expect(answer.get("code") == "full", f"the frame says {answer}")
            finding.expect(form(both[1], "r") == 507, "web does not answer 507")
            admin.config_set("maxmemory", 0)
            back = time.monotonic()
            wait_for(lambda: post(websocket, "after")["type"] == "ack")
            finding.expect(form(both[1], "r") == 201, "web does not take posts again")
            finding.whole = time.monotonic() - back
        conclude(finding, asking, begun)
    return finding


def form(site: Server, room: str) -> int:
    """Post as curl does; returns the status."""
    words = [
        "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "30", "-d", "author=a&text=b",
        f"http://127.0.0.1:{site.port}/rooms/{room}/messages",
    ]  # fmt: skip
    return int(subprocess.run(words, capture_output=True, text=True, check=False).stdout or 0)


def hanging() -> Finding:
    """Redis says nothing for a while: others go on, a post is answered, and all is well after."""
    finding = Finding(f"Redis hangs for {HANGS:.0f} s")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(RedisServer(folder))
        both = [stack.enter_context(server(name, REDIS_URL=store.url)) for name in ("realtime", "web")]
        websocket = stack.enter_context(member(both[0].port))
        post(websocket, "before")
        guests = [guest(both[0].port), guest(both[1].port), guest(both[1].port, path="/hello/")]
        with beside(*guests):
            begun = time.monotonic()
            process = store.process
            assert process  # noqa: S101  it was started above
            process.send_signal(signal.SIGSTOP)
            try:
                websocket.send(json.dumps({"author": "ada", "text": "meanwhile", "ref": 1}))
                wait_for(lambda: time.monotonic() - begun > HANGS)
            finally:
                process.send_signal(signal.SIGCONT)
            back = time.monotonic()
            finding.expect(frame(websocket, "ack", "error"), "a post was never answered")
            wait_for(lambda: post(websocket, "after")["type"] == "ack")
            finding.whole = time.monotonic() - back
        for each in guests:
            conclude(finding, each, begun)
        finding.requests = sum(len(each.visits) for each in guests)
    return finding


def killed(name: str) -> Finding:
    """Redis is killed under a room in which somebody talks, and started again: who is still connected?"""
    finding = Finding(f"kill -9 of Redis under {name}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(RedisServer(folder))
        one = stack.enter_context(server(name, REDIS_URL=store.url))
        sockets = [stack.enter_context(guest_of(one.port)) for _ in range(LISTENERS)]
        for websocket in sockets:
            websocket.send(json.dumps({"author": "ada", "text": "before"}))
        store.kill()
        begun = time.monotonic()
        for websocket in sockets:
            websocket.send(json.dumps({"author": "ada", "text": "meanwhile"}))
        wait_for(lambda: time.monotonic() - begun > AWAY)
        store.start()
        left = [websocket for websocket in sockets if still_there(websocket)]
    finding.requests, finding.failed = LISTENERS, LISTENERS - len(left)
    finding.expect(not finding.failed, f"{finding.failed} of {LISTENERS} WebSockets were closed")
    return finding


#: How many listen while Redis is killed, and for how many seconds it is away.
LISTENERS, AWAY = 8, 2.0


def guest_of(port: int) -> AbstractContextManager[ClientConnection]:
    """One in a room of ours, or of Channels' documentation, who comes from a page of the site."""
    where = f"ws://127.0.0.1:{port}/ws/rooms/lobby"
    return connect(where, origin=Origin("http://localhost"), ping_interval=None)


def still_there(websocket: ClientConnection) -> bool:
    """Does it answer a ping?"""
    try:
        return websocket.ping().wait(5)
    except ConnectionClosed:
        return False


def disk_full(*, mount: bool = True) -> Finding:
    """No room on Redis' disk: a post is refused with a reason, and what was acknowledged is still there."""
    finding = Finding("Redis' disk is full")
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(mount=mount))
        store = RedisServer(disk.folder, "--appendfsync", "everysec")  # as the stack has it
        stack.enter_context(store)
        one = stack.enter_context(server("realtime", REDIS_URL=store.url))
        websocket = stack.enter_context(member(one.port))
        finding.expect(post(websocket, "before")["type"] == "ack", "a post failed before")
        asking = guest(one.port)
        with beside(asking):
            begun = time.monotonic()
            process = store.process
            assert process  # noqa: S101  it was started above
            disk.fill(process.pid)
            acknowledged = ["before"]
            answer: dict[str, object] = {}
            while time.monotonic() - begun < PATIENCE and answer.get("type") != "error":
                text = f"{len(acknowledged)} {'x' * 2000}"
                answer = post(websocket, text)
                if answer["type"] == "ack":
                    acknowledged.append(text)
            finding.expect(answer.get("code") in ("full", "unavailable"), f"the frame says {answer}")
            disk.free(process.pid)
            back = time.monotonic()
            wait_for(lambda: post(websocket, "after")["type"] == "ack")
            finding.whole = time.monotonic() - back
            store.kill()
            store.start()
            heard = wait_for(lambda: everything(one.port))
            missing = [text for text in acknowledged if text not in heard]
            finding.expect(not missing, f"{len(missing)} that were acknowledged are gone")
        conclude(finding, asking, begun)
        finding.note += (
            f"; says \u201c{answer.get('reason') or answer.get('message') or answer.get('code')}\u201d"
        )
    return finding


#: How long is waited for a disk to be noticed to be full, in seconds.
PATIENCE = 30.0


def everything(port: int) -> list[str]:
    """All texts of the room; none while it can't be read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        texts: list[str] = []
        while True:
            connection.request("GET", f"/rooms/r/wait?after={len(texts)}&timeout=1")
            with connection.getresponse() as answer:
                content = answer.read()
            if answer.status != http.client.OK:
                return []
            more = [message["text"] for message in json.loads(content)["messages"]]
            if not more:
                return texts
            texts += more
    finally:
        connection.close()


class Disk:
    """A folder on a disk of a few megabytes, which can be full and have room again.

    Where nobody lets us mount one, the kernel's bound on the size of a file does the same to the one process.
    """

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder, self.mounted = folder, mounted
        self.filler = folder / "filler"

    def fill(self, process: int) -> None:
        """Take all the room that there is."""
        if not self.mounted:
            largest = max(file.stat().st_size for file in self.folder.rglob("*.aof"))
            resource.prlimit(process, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
            return
        with self.filler.open("wb", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def free(self, process: int) -> None:
        """Give it back."""
        if self.mounted:
            self.filler.unlink()
        else:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


@contextmanager
def small_disk(megabytes: int = 4, *, mount: bool = True) -> Iterator[Disk]:
    """Mount one, or have what starts a redis-server start one that takes no signal for a file too large."""
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as programs:
        words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", name]
        if mount and not subprocess.run(words, capture_output=True, check=False).returncode:
            try:
                yield Disk(Path(name), mounted=True)
            finally:
                subprocess.run(["umount", "--lazy", name], check=True)
            return
        program = Path(programs, "redis-server")
        program.write_text(f"#!/bin/sh\ntrap '' XFSZ\nexec {shutil.which('redis-server')} \"$@\"\n")
        program.chmod(0o700)
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{programs}:{path}"
        try:
            yield Disk(Path(name), mounted=False)
        finally:
            os.environ["PATH"] = path
