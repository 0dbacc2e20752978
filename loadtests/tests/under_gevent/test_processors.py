"""Who works how hard: looked at in processes whose work is known."""

import subprocess
import sys

import pytest
from planted import until

from loadtests.addresses import Address
from loadtests.panel.report import bins, verdict
from loadtests.processors import Generators, Processors, Work, family, find, saturated

# A child that inherits the listening socket works until it is told to stop; its parent only waits.
PROGRAM = """
import os, socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
if child := os.fork():
    sys.stdin.read()
    os.kill(child, 9)
else:
    while True:
        pass
"""


@pytest.fixture
def worker():
    """A port, and the process that waits behind it."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield int(process.stdout.readline()), process
        process.stdin.close()


def test_a_fork_belongs_to_its_parent(worker):
    port, process = worker
    [found] = find({"tcp": port, "nobody": 1}, {}).values()
    assert len(found) == 2
    assert found[0].pid == process.pid
    assert [one.pid for one in family(found[1].pid)] == [one.pid for one in found]


def test_what_is_worked_is_seen(worker):
    port, _ = worker
    processors = Processors({"tcp": Address("127.0.0.1", port), "web": Address("web", 8002)})
    assert processors.unseen == ["web"]
    assert processors.work() == {}
    [done] = until("second look", processors.work).values()
    # How much of a core it gets is the machine's business; that it is a good part of it, and all one child's.
    assert 0.05 < done.busiest <= 1.1
    assert done.cores == pytest.approx(done.busiest, abs=0.05)
    assert 0 < processors.machine <= processors.cores * 1.1


def test_generators_say_what_they_have_spent():
    generators = Generators()
    for at, spent in ((10.0, 1.0), (10.1, 1.1), (11.0, 1.9), (11.2, 1.9)):
        generators.hear("one", {"layercake-processor": (at, spent)})
    generators.hear("two", {})
    assert generators._shares == {"one": pytest.approx(0.9)}


def test_who_is_saturated():
    idle = {"nginx": Work(0.2, 0.1), "web": Work(0.8, 0.8)}
    assert saturated(idle, [0.5], 1.0, 2) == []
    assert saturated(idle | {"web": Work(1.4, 0.95)}, [0.5], 1.0, 2) == ["web"]
    assert saturated(idle, [0.5, 0.92], 2.0, 2) == ["generator", "machine"]


@pytest.mark.parametrize(
    ("state", "full", "unseen", "sentence"),
    [
        ("stopped", ["web"], [], "No test runs."),
        ("running", [], [], "Nothing that can be seen is at its limit. The busiest is web."),
        ("running", [], ["nginx", "web"], "nginx, web can't be seen from here; `docker stats` shows"),
        ("running", ["generator"], [], "The generator is at its limit: these figures are the client's"),
        ("running", ["web"], [], "web: one of its processes has a whole core"),
    ],
)  # fmt: skip
def test_the_verdict(state, full, unseen, sentence):
    assert sentence in verdict(state, full, {"nginx": Work(0.2, 0.1), "web": Work(0.8, 0.8)}, unseen)


def test_bars_on_a_scale_of_doublings():
    assert bins({}) == []
    assert bins({1: 1, 16: 2, 17: 3, 19: 4, 32: 5}) == [[0, 1], [16, 9], [20, 5]]


def test_a_container_sees_nobody_else():
    said = verdict("running", [], {}, ["nginx", "web"])
    assert said.startswith("Nothing that can be seen is at its limit. The other containers can't be seen")
