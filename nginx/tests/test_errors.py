"""What nginx answers itself: a service that is down, and requests that it does not take."""

import pytest
from door.client import ask, tell

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("GET", "/", "web"),
        ("POST", "/echo", "web"),
        ("GET", "/httpd/x", "httpd"),
        ("GET", "/ws/echo", "realtime"),
    ],
)
class TestServiceDown:
    def test_a_page_for_a_browser(self, deserted, method, path, service):
        answer = ask(deserted.port(), method, path, headers=HTML)
        assert answer.status == 502
        page = answer.content.decode()
        assert answer.fields("Content-Type") == ["text/html; charset=utf-8"]
        assert f"The service <code>{service}</code> does not answer" in page
        assert answer.fields("X-Request-ID")[0] in page
        assert "<!--#" not in page
        assert "src=" not in page
        assert answer.fields("Retry-After") == ["5"]
        assert answer.fields("Cache-Control") == ["no-store"]
        assert "default-src 'none'" in answer.fields("Content-Security-Policy")[0]

    def test_a_line_for_a_program(self, deserted, method, path, service):
        answer = ask(deserted.port(), method, path)
        assert answer.status == 502
        line = answer.content.decode()
        assert line.startswith(f"502 {service} does not answer.")
        assert line.count("\n") == 1
        (event,) = deserted.events(request_id=answer.fields("X-Request-ID")[0])
        assert (event["method"], event["status"], event["service"]) == (method, 502, service)


def test_a_service_s_own_503_passes_with_its_reason(get):
    answer = get("/healthz", answer_status="503", Accept="text/html")
    assert answer.status == 503
    assert answer.said["service"] == "web"


REASONS = {413: b"1 MiB", 414: b"request-line", 431: b"field line", 400: b"the standard"}

REFUSED = {
    413: b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n",
    414: b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    431: b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"x" * 9000 + b"\r\n\r\n",
    400: b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize(("status", "request_"), REFUSED.items(), ids=map(str, REFUSED))
def test_a_request_that_is_not_taken(door, status, request_):
    """nginx says why, and no service sees it."""
    answer = tell(door.port(), request_)
    assert answer.status == status
    assert REASONS[status] in answer.content
    (event,) = door.events(request_id=answer.fields("X-Request-ID")[0])
    assert event["upstream"] == ""


def test_64_kib_of_fields_are_taken(door):
    fields = b"".join(b"X-Field-%d: %s\r\n" % (number, b"x" * 7900) for number in range(7))
    answer = tell(door.port(), b"GET / HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n")
    assert answer.status == 200


def test_a_missing_file_has_a_page_with_a_way_back(get):
    answer = get("/static/no-such-file.css", **HTML)
    assert answer.status == 404
    assert 'href="/"' in answer.content.decode()


@pytest.mark.parametrize(
    "page", ["unavailable.html", "unavailable.txt", "refused.html", "refused.txt", "too-much.txt"]
)
def test_nobody_asks_for_the_error_pages_themselves(get, page):
    assert get(f"/{page}").status == 404
