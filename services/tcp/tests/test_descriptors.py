"""A service out of file descriptors gives those of idle peers to who comes, or rests; says so, and recovers.

Models of which the same is expected are tried at the same time: most of it is waiting.
"""

import os
import resource
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
WATCHED = 1.2  # seconds over which processor time is counted: more than two rests of a listener


def processes(running) -> list[int]:
    """Those that accept."""
    return running.children() or [running.process.pid]


def limit(pid: int, spare: int) -> None:
    """Leave a process this many descriptors more than the highest that it has."""
    highest = max(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir())
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1 + spare, hard))


def processor_time(pid: int) -> float:
    """Seconds so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def do_not_spin(pids: list[int]) -> bool:
    """A loop around a failing accept would take all of a processor; a listener that rests takes none."""
    before = [processor_time(pid) for pid in pids]
    time.sleep(WATCHED)
    used = [processor_time(pid) - start for pid, start in zip(pids, before, strict=True)]
    return max(used) < WATCHED / 8


def echoes(peer, message: bytes = b"?") -> bool:
    peer.sendall(message)
    return peer.recv(len(message)) == message


def survives(peer) -> bool:
    try:
        return echoes(peer)
    except ConnectionError:
        return False


def passes(running) -> bool:
    """Everybody leaves, and somebody comes."""
    running.leave()
    return echoes(running.connect())


def test_who_comes_gets_the_place_of_who_has_been_idle_for_longest(start_each):
    services = start_each(["threads", "selector", "asyncio", "uvloop"])
    peers = {}
    for running in services:
        limit(running.process.pid, 30)
        peers[running] = [running.connect() for _ in range(60)]  # the kernel lets all of them queue
    for running, those in peers.items():
        assert echoes(those[-1])
        for _ in range(20):  # one after another, and none has to wait
            those.append(running.connect())
            assert echoes(those[-1])
    for running, those in peers.items():
        counts = running.counters()
        served = [survives(peer) for peer in those]
        assert served == sorted(served), "not the eldest have gone"
        assert 0 < served.count(True) == counts["open"] < 60
        assert counts["evicted"] == 80 - counts["open"]
        assert counts["starved"] == sum('"event": "starved"' in line for line in running.lines) == 1
    for running in services:
        running.until(lambda: passes(running) and running.logged('"event": "recovered"'))  # noqa: B023 - called here
        assert running.stop() == 0


def test_a_model_of_one_connection_waits_for_a_descriptor(start_each):
    services = start_each(["iterative", "prefork"], "--processes", "2")
    iterative, prefork = services
    prefork.until(lambda: len(prefork.children()) == 2)
    pids = [*processes(iterative), *processes(prefork)]
    before = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in pids}
    first = [running.connect() for running in services for _ in processes(running)]
    assert all(map(echoes, first))  # so that each process has all that it needs by itself
    for peer in first:
        peer.close()
    for running in services:
        running.until(lambda: running.counters()["open"] == 0)  # noqa: B023 - called here
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[pid][1]))  # 0, 1 and 2 are taken for sure
    peers = [running.connect() for running in services]
    for running, peer in zip(services, peers, strict=True):
        peer.sendall(b"?")
        running.until(lambda: running.logged('"event": "starved"'))  # noqa: B023
    assert do_not_spin(pids)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before[pid])
    for running, peer in zip(services, peers, strict=True):
        assert peer.recv(1) == b"?"
        assert running.stop() == 0
