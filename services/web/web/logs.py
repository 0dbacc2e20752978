"""One event, one line: what a log collector expects, also of a traceback."""

import logging
from datetime import UTC, datetime

__all__ = ["OneLine"]


class OneLine(logging.Formatter):
    r"""``time level logger message``, with the line breaks of a traceback written as ``\n``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 (logging's)
        """Return the time in UTC with milliseconds, as RFC 3339 writes it."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        """Return the event as one line."""
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")
