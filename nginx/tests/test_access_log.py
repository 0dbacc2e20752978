"""The access log: one event a line, and every line JSON."""

import pytest
from door.client import ask, raw
from door.waiting import until


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /early\r\n",  # HTTP/0.9, as far as nginx can tell
        b"nonsense\r\n\r\n",
        b'GET /q?"quote\\back\tslash HTTP/1.1\r\nHost: localhost\r\nUser-Agent: "a\\b\x01\xff"\r\n\r\n',
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
    ids=["0.9", "nonsense", "quotes", "TLS"],
)
def test_each_line_is_json_whatever_was_sent(door, sent):
    before = len(door.every_event())
    raw(door.port(), sent)
    until(lambda: len(door.every_event()) > before, "the event is written")


def test_what_a_request_leaves(door):
    answer = ask(door.port(), "POST", "/httpd/echo?a=1", b"x", {"User-Agent": "a test"})
    (event,) = door.events(request_id=answer.fields("X-Request-ID")[0])
    expected = {
        "event": "request",
        "service": "httpd",
        "client": "127.0.0.1",
        "method": "POST",
        "target": "/httpd/echo?a=1",
        "protocol": "HTTP/1.1",
        "status": 200,
        "upstream": door.values["HTTPD_ADDRESS"],
        "upstream_status": "200",
        "user_agent": "a test",
    }
    assert event | expected == event
    assert 0 <= event["seconds"] < 10
    assert 0 <= float(event["upstream_seconds"]) < 10
