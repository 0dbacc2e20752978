"""The generator against servers whose faults are known: what it counts is what there was, to the last one."""

import http.client
import json
import time

import gevent
import pytest

from bench.generator import Crew
from bench.load import Load, Refused
from bench.orders import NO_REPLY, Goal, Outcome, Window
from bench.tests.conftest import goal_of

USERS = 4


def read_by(server):
    """How many requests the server has read, this one not counted."""
    connection = http.client.HTTPConnection(*server.address)
    connection.request("GET", "/healthz")
    count = json.loads(connection.getresponse().read())["requests"] - 1
    connection.close()
    return count


@pytest.mark.parametrize("window", [Window(0.4), Window(0.4, 200)], ids=["closed", "open"])
class TestCounts:
    def test_all_is_well(self, load, planted, window):
        server = planted()
        load.open(goal_of(server), USERS)
        outcome = load.run(window)
        assert outcome.sent == outcome.ok == outcome.latency.count > 0
        assert (outcome.failed, outcome.refused, outcome.failures) == (0, 0, {})
        assert read_by(server) == outcome.sent + USERS

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [("--drop", "closed before the response"), ("--corrupt", "not what it should be")],
    )
    def test_every_seventh_is_found(self, load, planted, window, fault, reason):
        server = planted(fault, "7")
        load.open(goal_of(server), USERS)
        outcome = load.run(window)
        planted_faults = (USERS + outcome.sent) // 7 - USERS // 7
        assert outcome.failed == planted_faults > 0
        assert outcome.ok == outcome.sent - planted_faults
        [(words, count)] = outcome.failures.items()
        assert reason in words
        assert count == planted_faults
        assert read_by(server) == outcome.sent + USERS


def test_arrivals_are_sent_or_missed(load, planted):
    """A server that can do fifty a second, offered two hundred."""
    load.open(goal_of(planted("--sleep", "80")), USERS)
    outcome = load.run(Window(1.0, 400))
    assert outcome.sent + outcome.missed == 400
    assert outcome.missed > 0
    assert outcome.sent == outcome.ok


def test_a_stall_is_in_the_open_loop(load, planted):
    """The server answers nothing for 200 ms of each 500 ms: whoever is due meanwhile waits."""
    server = planted("--stall", "200", "--every", "500")
    load.open(goal_of(server), USERS)
    opened, closed = load.run(Window(1.0, 200)), load.run(Window(0.7))
    # Due evenly, so that a tenth of all falls into the first quarter of the stalls.
    assert opened.latency.percentile(0.95) > 100_000
    assert opened.latency.percentile(0.999) > 150_000
    # In a closed loop only one request of each connection meets a stall.
    assert closed.latency.longest > 100_000


def test_the_rate_is_kept_by_all_together(load, planted):
    load.open(goal_of(planted()), 7)
    outcome = load.run(Window(0.5, 101))
    assert outcome.sent == 50
    assert outcome.lateness.count <= 50


def test_a_server_that_goes_away_is_refused(load, servers):
    server = servers("bench.planted")
    load.open(goal_of(server), USERS)
    server.process.kill()
    server.process.wait()
    outcome = load.run(Window(0.3))
    assert outcome.ok == 0
    assert outcome.sent == outcome.failed == USERS
    assert outcome.refused > 0
    assert sum(outcome.failures.values()) == outcome.failed + outcome.refused


def test_wrong_bytes_are_refused_before_anything_is_timed(load, planted):
    with pytest.raises(Refused, match="not what it should be"):
        load.open(goal_of(planted("--corrupt", "1")), USERS)


def test_nobody_there(load, planted):
    server = planted()
    server.process.kill()
    server.process.wait()
    with pytest.raises(Refused, match="no connection: connection refused"):
        load.open(goal_of(server), USERS)


@pytest.mark.parametrize(("protocol", "path"), [("tcp", ""), ("http", "/echo"), ("ws", "/ws/echo")])
def test_every_protocol(load, servers, protocol, path):
    server = servers("loadtests.null", protocol)
    load.open(Goal(protocol, *server.address, "echo", path), USERS)
    outcome = load.run(Window(0.2))
    assert outcome.sent == outcome.ok > 0
    load.let_go()


def test_a_greeting(load, servers):
    server = servers("loadtests.null", "http")
    load.open(Goal("http", *server.address, "hello", "/hello", "Hello, World! This is an HTTP response."), 2)
    assert load.run(Window(0.1)).ok > 0
    with pytest.raises(Refused):
        load.open(Goal("http", *server.address, "hello", "/hello", "Good day"), 2)


def test_replies_that_were_not_read_while_we_were_stopped_are_there(planted):
    """The process is stopped for longer than anybody waits for a reply, as on a machine that is too busy."""
    goal = goal_of(planted())
    stop = gevent.spawn(time.sleep, 0.6)  # before the members have a turn
    crew = Crew(goal, USERS)
    opening = crew.open_some(0.3, USERS)
    crew.close()
    assert stop.dead
    assert (len(opening.served), opening.as_json()["reasons"]) == (USERS, {})


def test_who_gets_no_reply_is_given_up_after_the_patience_that_was_asked_for(load, planted):
    served = load.open_some(goal_of(planted("--sleep", "20000")), USERS, patience=0.3)
    assert (served.count, served.reason) == (0, NO_REPLY)


def test_outcomes_add_up_and_travel():
    one = Outcome(sent=3, ok=2, failed=1, failures={"a": 1}, seconds=1.5)
    one.latency.add({100: 2})
    other = Outcome.from_json(json.loads(json.dumps(one.as_json())))
    other.add(one)
    assert (other.sent, other.ok, other.failed, other.failures, other.seconds) == (6, 4, 2, {"a": 2}, 3.0)
    assert other.latency.count == 4


def test_closing_ends_it():
    load = Load()
    load.close()
    assert not load.hop.lives
