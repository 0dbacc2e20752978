"""What the services say that they have done: the other side of the books.

Each way of asking says by how much the question itself adds to what is counted.
"""

from __future__ import annotations

import http.client
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtests.addresses import Address

__all__ = ["Counter", "by_healthz", "by_log", "by_stub_status"]

#: nginx's page is fixed text (ngx_http_stub_status_module).
STUB_STATUS: Final = re.compile(r"accepts handled requests\s+\d+ \d+ (\d+)")

COUNTERS: Final = re.compile(r'"event": "counters", "service": "echo", .*?"pieces": (\d+)')

TRIES: Final = 20

PATIENCE: Final = 3.0
"""Seconds for a service to write a line, or to answer."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Asks one service for its count; None where it does not tell one."""

    ask: Callable[[], int | None]
    question: int = 1
    """How many of its requests are our own, of two askings the one that is between the counts."""


def fetch(address: Address, path: str) -> str:
    """The content of a GET; empty if there is none."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=PATIENCE)
    try:
        # Every service answers to localhost, whatever address it is reached by.
        connection.request("GET", path, headers={"Host": "localhost", "Connection": "close"})
        return connection.getresponse().read(1 << 20).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def by_healthz(address: Address) -> Counter:
    """`/healthz` of a service that runs in one process, or adds up its processes."""

    def ask() -> int | None:
        try:
            count = json.loads(fetch(address, "/healthz"))["requests"]
        except (ValueError, KeyError, TypeError):
            return None
        return count if isinstance(count, int) else None

    return Counter(ask)


def by_stub_status(read: Callable[[], str]) -> Counter:
    """nginx's own page, however it is read. It counts HTTP requests, not connections of its stream part."""

    def ask() -> int | None:
        found = STUB_STATUS.search(read())
        return int(found[1]) if found else None

    return Counter(ask)


def by_log(prompt: Callable[[], None], read: Callable[[], str]) -> Counter:
    """The line that `serving` writes on SIGUSR1. For an echo a piece is a message, as long as each message
    fits one: the client has one in flight.

    A server may count a message a moment after it has answered it. So it is asked until it says the same
    twice.
    """

    def ask() -> int | None:
        count, again = line(), line()
        for _ in range(TRIES):
            if count == again:
                break
            count, again = again, line()
        return again

    def line() -> int | None:
        before = len(COUNTERS.findall(read()))
        prompt()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = COUNTERS.findall(read())
            if len(found) > before:
                return int(found[-1])
            time.sleep(0.005)
        return None

    return Counter(ask, question=0)
