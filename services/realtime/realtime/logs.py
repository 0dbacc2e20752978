"""What is logged and how: one line of JSON an event on standard error, for the server, Django and us."""

import logging
from typing import Any

from redis.exceptions import RedisError

__all__ = ["LOGGING", "NoConnections", "OneLine"]


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
    "formatters": {"line": {"()": "rooms.jsonline.JSONLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one line"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "uvicorn.access": {"level": "WARNING"},  # nginx writes the access log; twice is noise
        "uvicorn.error": {"filters": ["no connections"]},
    },
}
