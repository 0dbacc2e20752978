"""Which path goes to whom, and what is left of it there."""

import pytest
from door.client import ask, raw

ROUTES = [
    # method, path outside, service, path inside
    ("GET", "/", "web", "/"),
    ("GET", "/hello/", "web", "/hello/"),
    ("GET", "/livez", "web", "/livez"),
    ("GET", "/healthz", "web", "/healthz"),
    ("GET", "/wsx", "web", "/wsx"),
    ("GET", "/rooms/lobby/messages?after=3", "web", "/rooms/lobby/messages?after=3"),
    ("POST", "/rooms/lobby/messages", "web", "/rooms/lobby/messages"),
    ("GET", "/rooms/lobby", "web", "/rooms/lobby"),
    ("GET", "/rooms/lobby/waiting", "web", "/rooms/lobby/waiting"),
    ("GET", "/rooms/a/b/wait", "web", "/rooms/a/b/wait"),
    ("GET", "/httpd/", "httpd", "/"),
    ("GET", "/httpd/hello", "httpd", "/hello"),
    ("POST", "/httpd/echo?a=%2F&b=c%20d", "httpd", "/echo?a=%2F&b=c%20d"),
    ("PATCH", "/httpd/inspect", "httpd", "/inspect"),
    ("GET", "/httpd/rooms/x/wait", "httpd", "/rooms/x/wait"),
    ("GET", "/httpd-wsgi/", "httpd-wsgi", "/"),
    ("GET", "/httpd-wsgi/hello", "httpd-wsgi", "/hello"),
    ("GET", "/ws/echo", "realtime", "/ws/echo"),
    ("GET", "/ws/rooms/lobby?after=7", "realtime", "/ws/rooms/lobby?after=7"),
    ("GET", "/rooms/lobby/wait?after=7", "realtime", "/rooms/lobby/wait?after=7"),
    ("GET", "/rooms/caf%C3%A9/wait", "realtime", "/rooms/caf%C3%A9/wait"),
    ("POST", "/echo", "web", "/echo"),
    ("PUT", "/echo", "web", "/echo"),
    ("GET", "/echo?message=hi", "realtime", "/echo?message=hi"),
    ("HEAD", "/echo", "realtime", "/echo"),
    ("GET", "/echo_once", "realtime", "/echo_once"),
    ("GET", "/status", "web", "/status"),
    ("GET", "/status/", "web", "/status/"),
    ("GET", "/locust/", "locust", "/locust/"),
    ("GET", "/locust/stats/requests", "locust", "/locust/stats/requests"),
]


@pytest.mark.parametrize(("method", "target", "service", "inside"), ROUTES, ids=str)
def test_route(door, method, target, service, inside):
    answer = ask(door.port(), method, target, b"x" if method in {"POST", "PUT", "PATCH"} else None)
    assert answer.status == 200
    if method != "HEAD":
        assert answer.said["service"] == service
        assert answer.said["request"] == f"{method} {inside} HTTP/1.1"
    (event,) = door.events(request_id=answer.fields("X-Request-ID")[0])
    assert (event["service"], event["method"], event["target"]) == (service, method, target)


@pytest.mark.parametrize("prefix", ["/httpd", "/httpd-wsgi", "/locust"])
def test_a_prefix_without_its_slash_gets_it(get, prefix):
    answer = get(prefix)
    assert answer.status == 301
    # A path, without host and port: the published port may not be the one that nginx listens on.
    assert answer.fields("Location") == [f"{prefix}/"]


@pytest.mark.parametrize("prefix", ["/httpd", "/httpd-wsgi"])
def test_what_a_service_says_of_its_paths_gets_the_prefix(get, prefix):
    answer = get(f"{prefix}/form", answer_location="/inspect", answer_set_cookie="visits=1; Path=/visits")
    assert answer.fields("Location") == [f"{prefix}/inspect"]
    assert answer.fields("Set-Cookie") == [f"visits=1; Path={prefix}/visits"]


def test_whoever_is_done_with_sending_still_gets_the_answer(door):
    """`printf ... | nc -N` ends its direction after the request."""
    answer = raw(door.port(), b"GET /httpd/hello HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_content_arrives_whole(door):
    answer = ask(door.port(), "POST", "/httpd/echo", b"x" * 1024 * 1024)
    assert answer.said["content"] == 1024 * 1024
