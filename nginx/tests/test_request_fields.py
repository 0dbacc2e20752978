"""What nginx tells a service about a request, and what it does not let through."""

import re

import pytest
from door.client import ask, tell


@pytest.fixture
def forged(get):
    """A request that pretends to come from elsewhere."""
    return get(
        "/httpd/inspect",
        X_Forwarded_For="203.0.113.9",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="evil.example",
        X_Forwarded_Port="1",
        X_Forwarded_Prefix="/evil",
        X_Real_IP="203.0.113.9",
        X_Request_ID="evil",
        Forwarded="for=203.0.113.9",
        Proxy="http://evil.example",
    )


def test_forwarded_fields_are_set_and_not_continued(forged, door):
    here = f"127.0.0.1:{door.port()}"
    expected = {
        "X-Forwarded-For": ["127.0.0.1"],
        "X-Real-IP": ["127.0.0.1"],
        "X-Forwarded-Proto": ["http"],
        "X-Forwarded-Host": [here],
        "X-Forwarded-Prefix": ["/httpd"],
        "X-Forwarded-Port": [],
        "Forwarded": [],
        "Proxy": [],
    }
    assert {name: forged.arrived(name) for name in expected} == expected


def test_the_request_id_is_ours_and_the_visitor_gets_it_too(forged):
    (number,) = forged.arrived("X-Request-ID")
    assert re.fullmatch("[0-9a-f]{32}", number)
    assert forged.fields("X-Request-ID") == [number]


def test_host_keeps_its_port(get):
    """A service compares it with Origin, which has the port that the visitor sees."""
    assert get("/hello/", Host="localhost:8080").arrived("Host") == ["localhost:8080"]


def test_http_1_0_without_host_is_localhost(door):
    answer = tell(door.port(), b"GET /hello/ HTTP/1.0\r\n\r\n")
    assert answer.status == 200
    assert answer.arrived("Host") == ["localhost"]


def test_no_prefix_where_none_was_taken_away(get):
    assert get("/hello/").arrived("X-Forwarded-Prefix") == []


def test_an_upgrade_to_anything_but_websocket_stays_here(get):
    answer = get("/hello/", Connection="Upgrade", Upgrade="h2c")
    assert answer.arrived("Upgrade") == []
    assert answer.arrived("Connection") == []


def test_connections_to_a_service_are_kept(door, services):
    """Twenty requests, each from a connection of its own; nginx needs one per worker process at most."""
    before = services["locust"].connections
    for _ in range(20):
        assert ask(door.port(), "GET", "/locust/").status == 200
    assert services["locust"].connections - before <= 2
