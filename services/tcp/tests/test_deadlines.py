"""Peers that are slow, that never read and that break off, while there is a limit to the service's patience;
and a worker that is killed while it is busy.

Those that wait run under every model at the same time: what is waited for is the same.
"""

import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

EVERY = ["iterative", "threads", "prefork", "selector", "asyncio", "uvloop"]


def echoes(peer: socket.socket, message: bytes = b"?") -> bool:
    peer.sendall(message)
    return take(peer, len(message)) == message


def take(peer: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count and (piece := peer.recv(count - len(data))):
        data += piece
    return bytes(data)


def fill(peer: socket.socket) -> None:
    """Send, and never read, until the buffers are full: nothing has moved for a while."""
    peer.settimeout(0.3)
    sent = 0
    try:
        while sent < 64 << 20:
            sent += peer.send(bytes(1 << 18))
    except TimeoutError:
        peer.settimeout(20)
    assert sent < 64 << 20, "the service reads on, though nobody reads its answers"


def ends(peer: socket.socket) -> bool:
    """It is closed or reset; what is still on its way is skipped."""
    try:
        while peer.recv(1 << 20):
            pass
    except ConnectionError:
        pass
    return True


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def resident(pid: int) -> int:
    """Bytes of memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_byte_now_and_then_keeps_a_connection_and_silence_ends_it(start_each):
    services = start_each(EVERY, "--limits", "idle=3")
    peers = [service.connect() for service in services]
    begin = time.monotonic()
    while time.monotonic() - begin < 3.5:  # longer than one deadline
        for peer in peers:
            assert echoes(peer)
        time.sleep(0.2)  # a slow peer; far from the deadline, even where a test has to wait for the processor
    assert all(map(ends, peers))
    assert time.monotonic() - begin < 20
    for service in services:
        service.until(lambda: service.counters()["open"] == 0)  # noqa: B023 - called here
        assert service.counters()["expired"] == 1
        assert echoes(service.connect())


def test_who_never_reads_is_held_in_a_bounded_buffer_and_then_reset(start_each):
    services = start_each(EVERY, "--limits", "unread=1.5")
    before = [max(map(resident, pids(service))) for service in services]
    peers = [service.connect() for service in services]
    for peer in peers:
        fill(peer)
    for service, size in zip(services, before, strict=True):
        assert max(map(resident, pids(service))) - size < 8 << 20
    for service in services:
        service.until(lambda: service.logged("does not read"))  # noqa: B023 - called here
        service.until(lambda: service.counters()["open"] == 0)  # noqa: B023
        assert echoes(service.connect(), b"x" * 1000)
    assert all(map(ends, peers))


def pids(service) -> list[int]:
    return service.children() or [service.process.pid]


@pytest.mark.parametrize("model", ["iterative", "prefork"])
def test_the_next_is_served_after_one_that_breaks_off_in_mid_message(start, model):
    running = start(model=model)
    for _ in range(20):
        peer = running.connect()
        peer.sendall(bytes(300_000))  # the answer fills what is between us
        reset(peer)
    assert echoes(running.connect())
    running.until(lambda: running.counters()["open"] == 1)
    assert running.counters()["failed"] == 0


def owned(pid: int, port: int) -> set[int]:
    """The peers' ports of the connections to a port that a process has."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed: a worker settles in
            target = str(entry.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        int(row[2].partition(":")[2], 16)
        for row in rows
        if row[9] in inodes and int(row[1].partition(":")[2], 16) == port and row[3] == "01"
    }


def keep_talking(peer: socket.socket, broken: Callable[[], None], enough: Event, talks: list[int]) -> None:
    number = 0
    while not enough.is_set():
        message = b"%08d" % number * 100
        try:
            if not echoes(peer, message):
                broken()
                return
        except ConnectionError:
            broken()
            return
        number += 1
        talks.append(number)


@pytest.mark.parametrize("model", EVERY)
def test_a_worker_killed_under_load_breaks_exactly_its_own_connections(start, model):
    running = start("--workers", "2", "--processes", "2", model=model)
    count = 4 if model == "prefork" else 2
    running.until(lambda: len(running.children()) == count)
    peers = [running.connect() for _ in range({"iterative": 1, "prefork": 2}.get(model, 10))]
    ports = {peer.getsockname()[1] for peer in peers}
    service = running.addresses()[0][1]
    broken: set[int] = set()
    enough = Event()
    talks: list[int] = []
    threads = [
        Thread(target=keep_talking, args=(peer, lambda p=peer: broken.add(p.getsockname()[1]), enough, talks))
        for peer in peers
    ]
    for thread in threads:
        thread.start()
    try:
        owners: dict[int, set[int]] = {}

        def settled() -> bool:
            owners.update({pid: owned(pid, service) & ports for pid in running.children()})
            return sum(map(len, owners.values())) == len(peers)

        running.until(settled)  # each is with one process
        victim = max(owners, key=lambda pid: len(owners[pid]))
        os.kill(victim, signal.SIGKILL)
        running.until(lambda: len(broken) >= len(owners[victim]))  # each has noticed
        running.until(lambda: len(running.children()) == count and victim not in running.children())
        before = len(talks)
        running.until(lambda: len(talks) > before + 50 or len(broken) == len(peers))
    finally:
        enough.set()
        for thread in threads:
            thread.join()
    assert broken == owners[victim]
    assert echoes(running.connect())
