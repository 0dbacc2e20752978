"""What the site counts: the same, whichever of its processes is asked, and to the last request."""

import http.client
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from web.counts import Counts


def health(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/healthz", headers={"Connection": "close"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_every_process_adds_to_one_sum(gunicorn, tmp_path):
    def visit(port, times):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for _ in range(times):
            connection.request("GET", "/hello/")
            assert connection.getresponse().read()
        connection.close()

    with gunicorn(tmp_path, WEB_WORKERS="2") as (port, _, _):
        before = health(port)["requests"]
        with ThreadPoolExecutor(8) as visitors:
            list(visitors.map(lambda _: visit(port, 25), range(8)))
        after = health(port)["requests"]
        # And the question itself.
        assert after - before == 8 * 25 + 1


def test_connections_that_are_open_now(gunicorn, tmp_path):
    with gunicorn(tmp_path) as (port, _, _):
        wait_for(lambda: health(port)["connections"] == 1)  # the question's own
        kept = [http.client.HTTPConnection("127.0.0.1", port, timeout=10) for _ in range(3)]
        for connection in kept:
            connection.request("GET", "/hello/")
            connection.getresponse().read()
        wait_for(lambda: health(port)["connections"] == 4)
        for connection in kept:
            connection.close()
        wait_for(lambda: health(port)["connections"] == 1)


def test_a_worker_that_is_killed_takes_its_connections_and_leaves_its_requests(gunicorn, tmp_path):
    with gunicorn(tmp_path) as (port, process, log):
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        kept.request("GET", "/hello/")
        kept.getresponse().read()
        wait_for(lambda: health(port)["connections"] == 2)
        before = health(port)["requests"]
        (worker,) = children(process.pid)
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: log.read_text().count("Booting worker") == 2)
        wait_for(lambda: health(port)["connections"] == 1)
        assert health(port)["requests"] > before
        kept.close()


def children(parent):
    return [int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_a_server_that_does_not_count_says_nothing():
    counts = Counts()
    counts.request()
    counts.here = 5
    assert counts.totals() == {}
    assert counts.here == 0


def test_a_row_that_comes_round_again_keeps_its_requests():
    counts = Counts()
    counts.enter(1)
    counts.request()
    counts.here = 2
    assert counts.totals() == {"requests": 1, "connections": 2}
    counts.enter(1 + 1024)
    counts.request()
    assert counts.totals() == {"requests": 2, "connections": 0}
