"""Who waits, who is starved, and what the report says of it: with servers that are started for it."""

import asyncio
from contextlib import contextmanager

import pytest

from bench.report.comparison import measured
from bench.started import start
from comparisons.apps.patient import HELLO, asgi, wsgi
from comparisons.starvation import PLACES, STARVED, SUITE, best, finding, findings
from comparisons.starvation_clients import Step, Terms, is_free, step
from comparisons.starvation_report import report, sentence


@contextmanager
def served(*options):
    """The patient application on httpd, started like this. It is asked to end, as it may have children."""
    app = ("--app", "comparisons.apps.patient:wsgi", *options)
    with start("httpd", "--listen", "127.0.0.1:0", *app) as server:
        yield server.address
        server.process.terminate()
        server.process.wait(30)


def processes(number):
    """So many, each of which serves one connection at a time: whoever has that holds it."""
    return served("--model", "prefork", "--processes", str(number))


@pytest.mark.parametrize("kind", ["long polls", "slow clients"])
def test_the_last_place_is_what_starves(kind):
    with processes(2) as address:
        steps, recovered = findings(address, (1, 2, 8), Terms(seconds=0.4, settle=1.5), kind)
    assert [each.holders for each in steps] == [1, 2]  # more are not tried
    assert steps[0].success >= STARVED > steps[1].success
    assert recovered


def test_a_moment_of_nobody_being_served_is_tried_again():
    bad, good = Step(3, asked=4), Step(3, times=[0.1, 0.1, 0.1], asked=4)
    assert best(iter([bad, good])) is good
    assert best(iter([good, bad])) is good
    assert best(iter([bad, Step(3, times=[0.1], asked=4)])).success == 0.25


def test_who_has_more_places_bears_more():
    with processes(6) as address:
        found = asyncio.run(step(address, "slow clients", 3, Terms(seconds=0.5, patience=10.0)))
    assert found.success == 1.0


def test_content_that_comes_slowly_takes_no_thread_of_a_server_that_gathers_it():
    with served("--threads", "2") as address:
        found = asyncio.run(step(address, "slow clients", 8, Terms(seconds=0.5, patience=10.0)))
    assert found.success == 1.0


def test_a_visitor_who_is_not_answered_is_counted_as_asked():
    async def main():
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            return await step(server.sockets[0].getsockname(), "long polls", 0, Terms(seconds=0.2))

    found = asyncio.run(main())
    assert (found.asked, found.times, found.success) == (4, [], 0.0)


def test_a_server_that_does_not_come_back_is_waited_for_no_longer_than_said():
    with served() as address:
        pass
    assert not asyncio.run(is_free(address, 0.1))


def test_percentiles_count_those_who_went_away_as_the_slowest():
    found = Step(0, times=[0.3, 0.1, 0.2], asked=4)
    assert found.percentile(0.5) == 0.2
    assert found.percentile(0.99) is None
    assert Step(0).percentile(0.5) is None


# --- the application ----------------------------------------------------------------------------------------


def test_wsgi_says_hello():
    said = []
    assert wsgi({"PATH_INFO": "/hello"}, lambda *words: said.append(words)) == [HELLO]
    assert said[0][0] == "200 OK"


async def call(path, *events):
    sent, left = [], list(events)

    async def receive():
        return left.pop(0)

    async def send(event):
        sent.append(event)

    await asgi({"type": "http", "path": path, "query_string": b"0"}, receive, send)
    return sent[1]["body"]


async def test_asgi_says_hello_waits_and_echoes():
    assert await call("/hello") == HELLO
    assert await call("/wait") == HELLO
    first = {"type": "http.request", "body": b"ab", "more_body": True}
    assert await call("/echo", first, {"type": "http.request", "body": b"c"}) == b"abc"
    assert await call("/echo", first, {"type": "http.disconnect"}) == b"ab"


# --- the table and the report -------------------------------------------------------------------------------


def test_every_candidate_has_a_prediction():
    assert {each.name for each in SUITE.candidates} == set(PLACES)
    assert all("{port}" in each.command for each in SUITE.candidates)


def made(name, *pairs, kind="long polls"):
    """A finding in which so many of a hundred visits were answered."""
    [candidate] = [each for each in SUITE.candidates if each.name == name]
    steps = [Step(holders, times=[0.002] * answered, asked=100) for holders, answered in pairs]
    return finding(candidate, kind, steps, 30 << 20, 1.0, recovered=True)


def test_a_finding_has_prediction_and_measurement_side_by_side():
    found = made("gthread", (0, 100), (3, 100), (4, 2))
    assert (found["predicted"], found["served_with"], found["starved_by"]) == (4, 3, 4)
    assert found["steps"][1] == {"holders": 3, "asked": 100, "answered": 100, "p50": 2000.0, "p99": 2000.0}
    assert found["steps"][2]["p99"] is None


def test_the_sentence_says_what_was_seen_and_not_what_was_expected():
    true = made("gthread", (0, 100), (4, 2))
    assert sentence([true]) == "Gunicorn (gthread) starved the visitor exactly when the last place was taken."
    later = made("waitress", (0, 100), (4, 100), (64, 100))
    assert "waitress served with more than that" in sentence([true, later])
    sooner = made("httpd", (0, 100), (1, 0))
    assert sentence([sooner]) == "httpd had fewer places than predicted."
    free = made("asgi", (0, 100), (400, 98))
    assert "still answered 98% with 400" in sentence([free])
    assert "starved at 64" in sentence([made("asgi", (0, 100), (64, 1))])


def test_three_servers_are_a_list_that_one_can_read():
    three = [made(name, (0, 100), (4, 2)) for name in ("sync", "gthread", "httpd")]
    assert sentence(three).startswith("Gunicorn (sync), Gunicorn (gthread) and httpd starved the visitor ")


def test_the_method_is_its_own_and_nothing_is_said_of_a_load_that_there_was_not():
    result = {
        "suite": "starvation", "entries": [], "settings": {"rate": 500.0}, "ceilings": {}, "stack": {},
        "machine": {"processor": "x", "cores": 2, "memory_bytes": 2**30, "system": "y"},
        "mode": "native", "road": "127.0.0.1", "pinned": True, "versions": {}, "started": "", "seconds": 1.0,
    }  # fmt: skip
    html = measured(result)
    assert "What the visitor sees is the right reply, or none" in html
    assert html.count("<li>") == 10
    for absent in ("bootstrap", "ceilings", "keep-alive, compression", "rate 500"):
        assert absent not in html
    assert "ceilings" in measured({**result, "suite": "models", "entries": [{}]})


def test_the_section_shows_each_kind_with_a_picture_and_its_table():
    html = report(
        [
            made("sync", (0, 100), (4, 0)),
            made("asgi", (0, 100), (64, 90)),
            made("sync", (0, 0), kind="slow clients"),
        ]
    )
    assert html.count("<svg") == html.count("<table") == 2
    assert "Long polls" in html
    assert "Slow clients" in html
    assert "4 × 1" in html
    assert "no bound" in html
    assert "not answered" in html
    assert "90%" in html
