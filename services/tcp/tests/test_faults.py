"""What peers, signals and the machine can do to the service, under every model where it applies."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

CONCURRENT = ["threads", "selector", "asyncio", "uvloop"]


def answers(peer: socket.socket, message: bytes = b"?") -> bool:
    peer.sendall(message)
    return take(peer, len(message)) == message


def survives(peer: socket.socket) -> bool:
    try:
        return answers(peer)
    except ConnectionError:
        return False


def take(peer: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count and (piece := peer.recv(count - len(data))):
        data += piece
    return bytes(data)


def test_what_is_in_mid_message_at_sigterm_gets_the_end_of_its_answer(start, model, capacity):
    running = start("--limits", "drain=60,quiet=30", model=model)  # far more than it takes to go on
    message = os.urandom(100_000)
    peers = [running.connect() for _ in range(min(capacity, 100))]
    for peer in peers:
        peer.sendall(message[:60_000])
    for peer in peers:
        assert take(peer, 1) == message[:1]
    running.process.send_signal(signal.SIGTERM)
    if model != "iterative":  # which closes its door after the one conversation that it has
        running.until(lambda: not running.listens())
    for peer in peers:
        peer.sendall(message[60_000:])
        peer.shutdown(socket.SHUT_WR)
    for peer in peers:
        assert take(peer, len(message)) == message[1:]
        assert peer.recv(1) == b""
    assert running.process.wait(20) == 0
    with pytest.raises(ConnectionRefusedError):
        running.connect()


def test_an_idle_connection_does_not_hold_up_a_stop(start_each, models):
    # Who is not done would take the whole minute.
    services = start_each(models, "--limits", "drain=60,quiet=0.5")
    assert all(answers(service.connect()) for service in services)
    for service in services:
        service.process.send_signal(signal.SIGTERM)
    assert [service.process.wait(30) for service in services] == [0] * len(services)


@pytest.mark.parametrize("model", CONCURRENT)
def test_a_killed_worker_breaks_its_own_connections_only_and_is_replaced(start, model):
    running = start("--workers", "2", model=model)
    running.until(lambda: len(running.children()) == 2)
    peers = [running.connect() for _ in range(40)]
    assert all(map(answers, peers))
    victim, survivor = running.children()
    os.kill(victim, signal.SIGKILL)
    broken = sum(not survives(peer) for peer in peers)
    assert 0 < broken < 40
    running.until(lambda: running.logged(f'"died", "worker": "echo", "pid": {victim}, "signal": "SIGKILL"'))
    running.until(lambda: len(running.children()) == 2)
    assert survivor in running.children()
    assert all(answers(running.connect()) for _ in range(20))
    assert running.counters()["open"] == 60 - broken


def test_a_killed_process_of_the_prefork_model_is_replaced(start):
    running = start(model="prefork")
    held = running.connect()
    assert answers(held)
    victims = set(running.children())
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    assert not survives(held)
    running.until(lambda: len(running.children()) == 8 and not victims & set(running.children()))
    assert answers(running.connect())


def test_workers_that_die_at_once_are_replaced_ever_more_slowly(start):
    running = start("--workers", "2")
    running.until(lambda: len(running.children()) == 2)
    survivor = running.children()[1]
    for death in range(1, 4):
        (victim,) = set(running.children()) - {survivor}
        os.kill(victim, signal.SIGKILL)
        running.until(lambda: sum('"event": "died"' in line for line in running.lines) == death)  # noqa: B023
        running.until(lambda: len(running.children()) == 2)
    delays = [json.loads(line)["replaced_in"] for line in running.lines if '"event": "died"' in line]
    assert delays == [0.2, 0.4, 0.8]
    assert answers(running.connect())


ORPHANED = ["--listen", "127.0.0.1:0", "--protocol", "echo", "--workers", "2", "--limits", "drain=1"]


def test_workers_go_with_their_parent_though_peers_keep_them_busy(models):
    parents, peers, workers = [], [], []
    for model in CONCURRENT:
        command = [sys.executable, "-m", "tcp", *ORPHANED, *models[model][0]]
        parents.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        line = next(line for line in parents[-1].stderr if line.startswith("listening on "))
        peers.append(socket.create_connection(("127.0.0.1", int(line.rpartition(":")[2])), 20))
        assert answers(peers[-1])
        workers += children(parents[-1].pid)
    before = sum(map(resident, workers))
    for parent in parents:
        parent.kill()
        parent.wait()
        parent.stderr.close()  # and there is nobody left to read what they log
    most = 0
    deadline = time.monotonic() + 20
    while left := [worker for worker in workers if lives(worker)]:
        assert time.monotonic() < deadline, left
        for peer in peers:
            flood(peer)
        most = max(most, sum(map(resident, left)))
    assert most - before < 64 << 20
    for peer in peers:
        peer.close()


def flood(peer: socket.socket) -> None:
    """Send what goes out, and take what has come back."""
    peer.setblocking(False)
    for move in (lambda: peer.send(bytes(1 << 16)), lambda: peer.recv(1 << 18)):
        with suppress(BlockingIOError, ConnectionError):  # full, empty, or over
            move()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def resident(pid: int) -> int:
    """Bytes of memory; none, if it has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


@pytest.mark.parametrize("model", CONCURRENT)
def test_slow_peers_hold_up_nobody(shared, model):
    running = shared("echo", model=model)
    slow = [running.connect() for _ in range(20)]
    silent = [running.connect() for _ in range(5)]
    for peer in silent:  # these never read
        peer.setblocking(False)
        while True:
            try:
                peer.send(bytes(1 << 20))
            except BlockingIOError:
                break
    other = running.connect()
    for letter in b"one byte at a time":
        for peer in slow:
            peer.sendall(bytes([letter]))
        assert answers(
            other, b"x" * 1000
        )  # before its socket's deadline, which comes before the silent ones'
    for peer in slow:
        assert take(peer, 18) == b"one byte at a time"


@pytest.mark.parametrize("model", CONCURRENT)
def test_resets_in_mid_message_hurt_nobody_else(start, model):
    running = start(model=model)
    other = running.connect()
    for _ in range(50):
        peer = running.connect()
        peer.sendall(b"half a mess")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        assert answers(other)
    running.until(lambda: running.counters()["open"] == 1)
    assert running.counters()["failed"] == 0


FLOOD = """
import resource, socket, sys
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
peers = []
for number in range(5000):
    peer = socket.socket()
    peer.setblocking(False)
    peer.connect_ex(("127.0.0.1", int(sys.argv[1])))
    peers.append(peer)
for peer in peers:
    peer.settimeout(20)
    try:
        ended = peer.recv(1) == b""
    except ConnectionError:
        ended = True
    assert ended
"""


@pytest.mark.parametrize("model", CONCURRENT)
def test_those_inside_are_served_while_many_more_are_turned_away(start, model):
    # How quickly, `make bench-serving` measures; a machine that runs other tests as well can't say.
    running = start("--limits", "connections=1000", model=model)
    inside = [running.connect() for _ in range(1000)]
    assert all(map(answers, inside))
    flood = subprocess.Popen([sys.executable, "-c", FLOOD, str(running.addresses()[0][1])])
    served = 0
    while flood.poll() is None:
        assert answers(inside[served % 1000], b"%d" % served)
        served += 1
        with suppress(subprocess.TimeoutExpired):  # who speaks all the time has others refused more slowly
            flood.wait(0.01)
    assert flood.returncode == 0  # each was turned away
    assert served
    assert all(map(answers, inside))
    assert running.counters()["refused"] == 5000
    assert running.counters()["open"] == 1000
    assert sum('"refused", "peer"' in line for line in running.lines) < 50
