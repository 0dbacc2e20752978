"""One line an event on standard error: JSON, with what happened, and when. None for an ordinary request.

What a peer can cause is rate-limited by kind, so that an attack can't fill a disk: the first few of each are
written, the rest are counted, and the next that is written says how many were left out. What happens is
dealt with whether or not anybody can be told of it: a log that can't be written is no error.
"""

import json
import sys
import time
from contextlib import suppress
from threading import Lock
from typing import TextIO

__all__ = ["Log"]

BURST = 5  # lines of one kind in one period
PERIOD = 10.0  # seconds


class Log:
    """The log of one service. Any thread may use it."""

    def __init__(self, name: str, stream: TextIO | None = None) -> None:
        self.name = name
        self.stream = stream
        self.lock = Lock()
        self.kinds: dict[str, tuple[float, int]] = {}  # since when, how many

    def __call__(self, event: str, **fields: object) -> None:
        """Write one event, always."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
        # JSON escapes every control character, so nothing that a peer sends ends a line or begins one.
        line = json.dumps({"time": stamp, "logger": self.name, "event": event, **fields}, default=str)
        self.write(line.replace("\x7f", "\\u007f"))

    def write(self, line: str) -> None:
        """Write a line as it is, if there is anybody to read it."""
        if stream := self.stream or sys.stderr:  # there is none if it was closed before we were started
            with suppress(OSError, ValueError):  # its reader has gone; it has been closed since
                stream.write(line + "\n")
                stream.flush()

    def limited(self, kind: str, **fields: object) -> None:
        """Write one event of a kind that peers can cause, unless there were too many."""
        now = time.monotonic()
        with self.lock:
            since, count = self.kinds.get(kind, (now, 0))
            if now - since > PERIOD:
                if count > BURST:
                    fields["left_out"] = count - BURST
                since, count = now, 0
            self.kinds[kind] = since, count + 1
        if count < BURST:
            self(kind, **fields)
