"""Is Locust well? `python -m loadtests.check page` and `python -m loadtests.check worker`; exit status 0 if
so.

The page is well when it is served. A worker is well when the master hears from it: so the master is asked,
which lists each worker under the name of the machine or container that it runs on.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
from typing import Any

from loadtests.addresses import Address, AddressError

__all__ = ["main"]

ANSWER_WITHIN = 3.0
"""Seconds: less than Docker and supervisor give a health check."""


def main() -> None:
    """Exit with a sentence and status 1 unless what the command line names is well."""
    what = sys.argv[1:] or ["page"]
    checks = {"page": page, "worker": worker}
    if len(what) != 1 or what[0] not in checks:
        sys.exit(f"Usage: python -m loadtests.check {{{','.join(checks)}}}")
    try:
        port = os.environ.get("LOCUST_DIRECT_PORT") or "8089"
        address = Address.parse(os.environ.get("LOCUST_ADDRESS") or f"127.0.0.1:{port}", "LOCUST_ADDRESS")
        checks[what[0]](address)
    except (AddressError, OSError, http.client.HTTPException, ValueError) as error:
        sys.exit(f"Locust's {what[0]} is not well: {error}")


def page(address: Address) -> None:
    """The page is served."""
    ask(address, "/locust/livez")


def worker(address: Address) -> None:
    """The master hears from a worker on this machine. Raises ValueError if it doesn't."""
    machine = socket.gethostname()
    workers: list[str] = ask(address, "/locust/healthz").get("workers") or []
    if not any(name.startswith(f"{machine}_") for name in workers):
        raise ValueError(f"the master at {address} hears from no worker on {machine}")


def ask(address: Address, path: str) -> dict[str, Any]:
    """The JSON answer, also of a 503. Raises OSError, HTTPException or ValueError."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=ANSWER_WITHIN)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        if response.status not in (200, 503):
            raise ValueError(f"{path} on {address} answers {response.status}")
        found: dict[str, Any] = json.loads(response.read())
        return found
    finally:
        connection.close()


if __name__ == "__main__":
    main()
