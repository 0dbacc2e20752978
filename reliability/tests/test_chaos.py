"""Each service on its own, told to stop with guests in every state; and Redis in trouble under it."""

from pathlib import Path

import pytest

from reliability.chaos import stops, store
from reliability.chaos.__main__ import alone, asked_for, record, tried
from reliability.chaos.finding import Finding
from reliability.chaos.servers import OURS


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

    (finding,) = tried(iter([("kill it", fault)]), [])
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


def test_the_tables_have_their_place_in_the_docs(tmp_path, monkeypatch):
    page = Path(tmp_path, "reliability.md")
    page.write_text("before\n<!-- chaos -->\nold\n<!-- /chaos -->\nafter\n")
    monkeypatch.setattr("reliability.chaos.__main__.DOCS", page)
    record(Finding("new", 3).row())
    assert page.read_text() == (
        "before\n<!-- chaos -->\n\n| new | 3 | 0 |  |  | stands |\n\n<!-- /chaos -->\nafter\n"
    )
