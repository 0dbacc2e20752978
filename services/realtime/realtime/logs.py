"""What is logged and how: one line of JSON an event on standard error, for the server, Django and us."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

__all__ = ["LOGGING", "JSONLine", "NoConnections", "OneLine"]

#: Characters of an identifier that are kept: nginx's has 32, and who asks around nginx may send anything.
ID_CHARACTERS = 64


class JSONLine(logging.Formatter):
    """``time``, ``level``, ``logger``, ``process``, ``event``; perhaps ``request_id``, ``traceback``.

    JSON escapes every control character, so that nothing that a client sends can end a line or begin one.
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
        return json.dumps(event, ensure_ascii=True).replace("\x7f", "\\u007f")


class OneLine(logging.Filter):
    """A Redis that is gone and a client's mistake are none of ours: one line says so, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the traceback of such an error by its message."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, RedisError | OSError | UnicodeDecodeError):
            record.msg, record.args = f"{record.getMessage()}: {error}", ()
            record.exc_info = record.exc_text = None
        return True


class NoConnections(logging.Filter):
    """A line for each connection is what nginx's access log is for."""

    #: What the server says about a handshake that went well, and about one that we refused on purpose: after
    #: that, uvicorn 0.54 adds an error because the refused handshake is not complete.
    STARTS = (
        '%s - "WebSocket',
        "connection open",
        "connection closed",
        "connection rejected",
        "ASGI callable returned without completing handshake.",
    )

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop those lines."""
        return not str(record.msg).startswith(self.STARTS)


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "one line": {"()": "realtime.logs.OneLine"},
        "no connections": {"()": "realtime.logs.NoConnections"},
    },
    "formatters": {"line": {"()": "realtime.logs.JSONLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one line"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "uvicorn.access": {"level": "WARNING"},  # nginx writes the access log; twice is noise
        "uvicorn.error": {"filters": ["no connections"]},
    },
}
