"""One event is one line of JSON, whatever a client has sent."""

import json
import logging
import os
import re
import sys
from types import SimpleNamespace

import pytest
from rooms.jsonline import JSONLine


def record_of(message, *arguments, error=None):
    return logging.LogRecord("web", logging.ERROR, "", 0, message, arguments, error)


def test_a_traceback_stays_on_its_line():
    try:
        int("first\nsecond")
    except ValueError:
        record = record_of("It %s", "broke\r\nhere", error=sys.exc_info())
    line = JSONLine().format(record)
    assert line.isprintable()
    event = json.loads(line)
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$", event["time"])
    assert (event["level"], event["logger"], event["event"]) == ("ERROR", "web", "It broke\r\nhere")
    assert event["process"] == os.getpid()
    assert event["traceback"].startswith("Traceback")
    assert "request_id" not in event


@pytest.mark.parametrize("nasty", ["a\r\nb\x1b[31m\x00\x7f\u2028\u202e\x85", "\udcff", '"}\n{"level":"'])
def test_nothing_that_is_sent_ends_a_line_or_steers_a_terminal(nasty):
    try:
        int(nasty)
    except ValueError:
        record = record_of("It %s", nasty, error=sys.exc_info())
    line = JSONLine().format(record)
    assert line.isascii()
    assert line.isprintable()
    event = json.loads(line)
    assert event["event"] == f"It {nasty}"
    assert event["traceback"].startswith("Traceback")


def test_the_number_that_nginx_gave_the_request():
    record = record_of("It broke")
    record.request = SimpleNamespace(headers={"X-Request-ID": "0f" * 16})
    assert json.loads(JSONLine().format(record))["request_id"] == "0f" * 16
    record.request.headers["X-Request-ID"] = "x" * 9000
    assert json.loads(JSONLine().format(record))["request_id"] == "x" * 64
