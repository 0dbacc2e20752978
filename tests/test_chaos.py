"""The whole stack: replaced while it serves, stopped in mid-answer, and without one of its parts."""

import http.client
import threading
import time

import pytest
from wire.http import fetch
from wire.wait import wait_for

from reliability.chaos import kills, replacements


def test_it_is_replaced_and_nobody_fails(stack):
    """In containers one service stands for all: each takes half a minute, and `make chaos` does them all."""
    service = "web" if stack.mode == "docker" else ""
    finding = replacements.replaced(stack, 5_000, service)
    assert finding.wrong == []
    assert finding.requests >= 5_000


def test_redis_is_away_and_health_says_so(stack, processes):
    assert kills.store_away(stack, processes).wrong == []


def test_redis_is_made_anew(stack, processes):
    """In containers its name leads to another address then."""
    assert kills.store_moved(stack, processes).wrong == []


def test_the_locust_master_is_killed_in_mid_run(stack, processes, locust):
    assert kills.locust_killed(stack, processes).wrong == []


@pytest.mark.parametrize("service", ["httpd", "httpd-wsgi", "web"])
def test_an_upload_outlives_the_order_to_stop(stack, processes, is_up, service):
    """It is half done when the service is told to; and the service ends, with 0, when it is answered."""
    base = stack.http(service, "direct")
    connection = http.client.HTTPConnection(base.host, base.port, timeout=30)
    stopping = threading.Thread(target=processes.stop, args=(service,))
    connection.putrequest("POST", "/echo")
    connection.putheader("Content-Length", "8")
    connection.endheaders(b"ab")
    assert fetch(base, "/livez").status == 200  # asked later, so that the upload has been looked at
    stopping.start()
    wait_for("it to refuse others", lambda: not is_up(service))
    for byte in b"cdefgh":
        time.sleep(0.2)  # a guest who is slow
        connection.send(bytes([byte]))
    with connection.getresponse() as answer:
        assert (answer.status, answer.read()) == (200, b"abcdefgh")
    connection.close()
    stopping.join(30)
    try:
        assert processes.ended(service) == 0
    finally:
        processes.start(service)
    wait_for(f"{service} to be up again", lambda: is_up(service), seconds=60)


@pytest.mark.parametrize("service", ["tcp", "realtime", "nginx", "locust", "redis"])
def test_it_stops_when_it_is_told_to(stack, processes, is_up, service):
    """With 0, and long before it would be killed. nginx is told by SIGQUIT, which lets it finish."""
    begun = time.monotonic()
    processes.stop(service)
    took = time.monotonic() - begun
    try:
        assert processes.ended(service) == 0
        assert took < 14
    finally:
        processes.start(service)
    if service != "locust":
        wait_for(f"{service} to be up again", lambda: is_up(service), seconds=60)
