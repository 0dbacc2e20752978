"""One event is one line."""

import logging
import re
import sys

from web.logs import OneLine


def test_a_traceback_stays_on_its_line():
    try:
        int("first\nsecond")
    except ValueError:
        record = logging.LogRecord("web", logging.ERROR, "", 0, "It %s", ("broke\r\nhere",), sys.exc_info())
    line = OneLine().format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert re.match(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 ERROR web It broke\\r\\nhere\\nTrace", line
    )
