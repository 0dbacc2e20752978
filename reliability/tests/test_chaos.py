"""Each service on its own, told to stop with guests in every state; and Redis in trouble under it."""

from dataclasses import asdict

import pytest

from reliability.chaos import stops, store
from reliability.chaos.__main__ import alone, asked_for, page, tried
from reliability.chaos.finding import HEAD, Finding
from reliability.chaos.servers import OURS
from reliability.chaos.whole import stages
from reliability.peers import LeftOut


@pytest.mark.parametrize("name", OURS)
def test_who_is_in_flight_is_answered_and_nobody_comes_in_any_more(name):
    finding = stops.stopped(name)
    assert finding.requests >= 16
    assert finding.wrong == []


@pytest.mark.parametrize("name", ["httpd", "realtime"])
def test_so_are_those_of_several_workers(name):
    assert stops.stopped(name, "--workers", "2").wrong == []


@pytest.mark.parametrize("name", OURS)
def test_who_is_told_twice_waits_for_nobody(name):
    assert stops.hurried(name).wrong == []


def test_what_a_peer_drops_is_seen():
    """Gunicorn's sync worker answers one of those who wait in its queue, at most."""
    finding = stops.stopped("Gunicorn sync")
    assert finding.failed > 8
    assert "new connections were not refused" in finding.wrong


def test_redis_is_killed_and_the_sockets_stay():
    assert store.killed("realtime").wrong == []


def test_redis_without_memory():
    assert store.full().wrong == []


def test_redis_that_hangs():
    assert store.hanging().wrong == []


@pytest.mark.parametrize("mount", [True, False])
def test_redis_on_a_disk_that_is_full(mount):
    """On a small disk where we may mount one; and, as may anybody, with a bound on the size of its file."""
    assert store.disk_full(mount=mount).wrong == []


def test_a_fault_that_goes_wrong_is_a_finding_of_its_own():
    def fault():
        raise TimeoutError("waited 3 s")

    ((name, finding),) = tried(iter([("kill it", fault)]), [])
    assert name == "kill it"
    assert finding.wrong == ["TimeoutError: waited 3 s"]
    assert "| kill it | 0 | 0 |" in finding.row()


def test_faults_are_chosen_by_words():
    names = [name for name, _ in alone() if asked_for(name, ["twice", "full"])]
    assert names == [
        *(f"SIGTERM twice {name}" for name in OURS),
        "redis full",
        "redis disk full",
        "run folder full",
    ]


def test_a_peer_that_can_not_be_installed_is_left_out():
    def fault():
        raise LeftOut("it has no wheel")

    assert list(tried(iter([("SIGTERM it", fault)]), [])) == []


@pytest.mark.parametrize("mode", ["native", "docker"])
def test_every_fault_of_a_whole_stack_has_a_name_of_its_own(mode):
    names = [name for stage in stages(mode) for name in stage.names]
    assert len(set(names)) == len(names)
    assert {"make reload", "stop nginx", "kill nginx", "redis away"} <= set(names)
    assert ("redis volume full" in names) == (mode == "docker")


def test_the_page_has_a_table_for_each_stack_and_says_which_run_it_is_of():
    figures = asdict(Finding("new", 3)) | {"run": "today"}
    assert page({"each alone": {"SIGTERM new": figures}}) == (
        f"**each alone**\n\n{HEAD}\n| new | 3 | 0 |  |  | stands |\n\ntoday."
    )
