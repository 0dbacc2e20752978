"""A closed loop and an open one: what each says of a server that stalls, and of a rate."""

import json

import pytest
from headless import headless


def microseconds(folder, server, requests, *arguments):
    """The histograms of such a run of one class, and the seconds from its first request to its last."""
    arguments = ["--microseconds", str(folder / "microseconds.json"), *arguments]
    status, lines, _ = headless(
        folder, {"TcpEcho": server}, lambda counts: counts["requests"] >= requests, *arguments
    )
    assert status == 0
    [times] = json.loads((folder / "microseconds.json").read_text())
    [line] = lines.values()
    return times, line["last_request_timestamp"] - line["start_time"]


def test_a_stall_is_hidden_by_a_closed_loop_and_not_by_an_open_one(tmp_path, peers):
    """The server stands still for 0.2 s at every hundredth request."""
    closed, _ = microseconds(tmp_path, peers("TcpEcho", "stall", 100), 400)
    opened, _ = microseconds(tmp_path, peers("TcpEcho", "stall", 100), 400, "--rate", "100")
    assert closed["exchange"]["longest"] > 190_000
    assert opened["exchange"]["p90"] > 50_000
    assert opened["exchange"]["p90"] > closed["exchange"]["p90"] * 2
    assert closed["events"] == {"connections": 2}


def test_a_fixed_rate(tmp_path, peers):
    server = peers("TcpEcho")
    times, seconds = microseconds(tmp_path, server, 400, "--rate", "200")
    done, missed = times["exchange"]["counted"], times["events"]["missed"]
    assert done == server.counts()["requests"]
    assert done > missed
    assert done + missed == pytest.approx(2 * 200 * seconds, rel=0.3)
    assert times["lateness"]["counted"] > 100


def test_a_rate_that_the_server_does_not_reach(tmp_path, peers):
    """What should have been sent and was not is counted."""
    times, seconds = microseconds(tmp_path, peers("TcpEcho", "stall", 5), 40, "--rate", "100")
    done, missed = times["exchange"]["counted"], times["events"]["missed"]
    assert missed > done
    assert done + missed == pytest.approx(2 * 100 * seconds, rel=0.3)
