"""One event, one line of JSON: what a log collector expects, also of a traceback.

It has nothing to do with rooms. It is here because both services that log in this form import this package,
and no other of ours.
"""

import json
import logging
from datetime import UTC, datetime

__all__ = ["JSONLine"]

#: Characters of an identifier that are kept: nginx's has 32, and who asks around nginx may send anything.
ID_CHARACTERS = 64


class JSONLine(logging.Formatter):
    """``time``, ``level``, ``logger``, ``process``, ``event``; perhaps ``request_id``, ``traceback``.

    JSON escapes every control character, so that nothing that a client sends can end a line, begin one of
    its own, or steer the terminal of somebody who reads it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the event as one line."""
        event: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "event": record.getMessage(),
        }
        # Django says with its own events which request they are about; nginx has given that its number.
        headers = getattr(getattr(record, "request", None), "headers", {})
        if number := headers.get("X-Request-ID"):
            event["request_id"] = number[:ID_CHARACTERS]
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        # An inner newline is `\n`, and 0x7F and what lies above it a code as well.
        return json.dumps(event, ensure_ascii=True).replace("\x7f", "\\u007f")
