"""A service that has used up its file descriptors rests, says so, goes on for those inside, and recovers.

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


def test_who_is_inside_is_served_and_who_waits_gets_in_when_others_leave(start_each):
    services = start_each(["selector", "asyncio", "uvloop"])
    queues = []
    for running in services:
        limit(running.process.pid, 20)
        queues.append([running.connect() for _ in range(60)])  # the kernel lets all of them queue
    for running in services:
        running.until(lambda: running.logged(" starved "))  # noqa: B023 - called here
    inside = [running.counters()["open"] for running in services]
    for number, peers in zip(inside, queues, strict=True):
        assert 0 < number < 60
        assert all(map(echoes, peers[:number]))
    assert do_not_spin([running.process.pid for running in services])
    for running, number, peers in zip(services, inside, queues, strict=True):
        assert sum(" starved " in line for line in running.lines) == 1
        assert running.counters()["open"] == number
        for peer in peers[: 60 - number]:
            peer.close()
    for running, number, peers in zip(services, inside, queues, strict=True):
        assert all(map(echoes, peers[60 - number :]))
        running.until(lambda: running.logged(" recovered "))  # noqa: B023
        assert running.stop() == 0


def test_a_thread_that_finds_no_descriptors_costs_only_its_own_connection(start):
    running = start(model="threads")
    limit(running.process.pid, 30)
    inside = [running.connect() for _ in range(5)]
    assert all(map(echoes, inside))
    late = [running.connect() for _ in range(30)]
    running.until(lambda: running.logged(" starved "))
    assert all(map(echoes, inside))
    assert do_not_spin([running.process.pid])
    for peer in late:
        peer.close()
    running.until(lambda: running.counters()["open"] == 5)
    assert echoes(running.connect())
    assert all(map(echoes, inside))


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
        running.until(lambda: running.logged(" starved "))  # noqa: B023
    assert do_not_spin(pids)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before[pid])
    for running, peer in zip(services, peers, strict=True):
        assert peer.recv(1) == b"?"
        assert running.stop() == 0
