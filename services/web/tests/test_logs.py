"""One event is one line of JSON, whatever a client has sent."""

import json
import logging
import re
import sys

import pytest
from django.test import Client
from web import urls
from web.logs import OneLine

NASTY = "a\r\nb\x1b[31m\x00\x7f\u2028\u202e\x85"


def record_of(message, *arguments, error=None):
    return logging.LogRecord("web", logging.ERROR, "", 0, message, arguments, error)


def test_a_traceback_stays_on_its_line():
    try:
        int("first\nsecond")
    except ValueError:
        record = record_of("It %s", "broke\r\nhere", error=sys.exc_info())
    line = OneLine().format(record)
    assert line.isprintable()
    event = json.loads(line)
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$", event["time"])
    assert (event["level"], event["logger"], event["event"]) == ("ERROR", "web", "It broke\r\nhere")
    assert event["traceback"].startswith("Traceback")


@pytest.mark.parametrize("nasty", [NASTY, "\udcff", '"}\n{"level":"'])
def test_nothing_that_is_sent_ends_a_line_or_steers_a_terminal(nasty):
    line = OneLine().format(record_of("%s", nasty))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["event"] == nasty


def test_our_own_mistake_is_logged_with_the_number_that_nginx_gave_the_request(monkeypatch, caplog):
    def broken(request):
        raise RuntimeError("first\nsecond")

    pattern = next(pattern for pattern in urls.urlpatterns if str(pattern.pattern) == "hello/")
    monkeypatch.setattr(pattern, "callback", broken)
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, "django.request"):
        assert client.get("/hello/", headers={"X-Request-ID": "0f" * 16}).status_code == 500
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    event = json.loads(OneLine().format(record))
    assert event["request_id"] == "0f" * 16
    assert "RuntimeError: first\nsecond" in event["traceback"]
    assert client.get("/hello/", headers={"X-Request-ID": "x" * 9000}).status_code == 500
    assert len(OneLine().format(caplog.records[-1])) < 9000
