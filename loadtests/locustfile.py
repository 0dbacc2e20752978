"""Where Locust starts: `locust -f loadtests/locustfile.py`.

Locust reads the user classes from here, in the order in which they are named.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from locust import events, runners, stats

# Locust puts this folder on the path; the package is one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from loadtests.addresses import AddressError

try:
    from loadtests import options
except AddressError as error:
    sys.exit(f"{error}")

from loadtests import door, page
from loadtests.processors import GENERATORS
from loadtests.tally import LEDGER
from loadtests.users.audit import audit
from loadtests.users.ladder import (
    HttpdEcho,
    HttpdHello,
    RealtimeEcho,
    TcpEcho,
    WebEcho,
    WebHello,
    WsgiEcho,
)
from loadtests.users.rooms import RoomLongPolling, RoomPolling, RoomStream, RoomTcp, RoomWebSocket

if TYPE_CHECKING:
    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment
    from locust.web import WebUI

__all__ = [
    "HttpdEcho",
    "HttpdHello",
    "RealtimeEcho",
    "RoomLongPolling",
    "RoomPolling",
    "RoomStream",
    "RoomTcp",
    "RoomWebSocket",
    "TcpEcho",
    "WebEcho",
    "WebHello",
    "WsgiEcho",
]

GRACE = 0.5
"""Seconds in which requests that are under way when a test stops are finished, so that our count and the
server's agree. Locust's option takes whole seconds; its workers are away for as long after each test, so not
more than needed.
"""

MASTER_GONE_AFTER = 5
"""Seconds without a heartbeat, of which there is one a second, after which a worker ends, to be started anew
by what supervises it and to find the next master. Locust's own minute would leave a page without workers for
that long."""

REPORT_EVERY = 1.0
"""Seconds between two reports of a worker to its master, so that the page lives; Locust's own three would
have it jump."""


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def on_parser(parser: LocustArgumentParser) -> None:
    options.add_options(parser)


@events.report_to_master.add_listener  # type: ignore[untyped-decorator]
def on_report(data: dict[str, Any], **_: object) -> None:
    """Registered before Locust's own listener, which sends what is in the statistics by then."""
    LEDGER.report(data)
    GENERATORS.report(data)


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def on_quitting(environment: Environment, **_: object) -> None:
    """At the end of a headless run: histograms for whoever asked for them, and CSV files that are whole."""
    if isinstance(environment.runner, runners.LocalRunner):
        environment.runner.stop()  # a run that is interrupted still has its users
    if getattr(environment.parsed_options, "csv_prefix", None):
        # Locust writes them once a second and not at the end; what the last second brought would be missing.
        gevent.sleep(stats.CSV_STATS_INTERVAL_SEC * 1.1)
    file = getattr(environment.parsed_options, "microseconds", None)
    if file and not isinstance(environment.runner, runners.WorkerRunner):
        LEDGER.pour()
        Path(file).write_text(json.dumps(LEDGER.summary(), indent=1))


@events.init.add_listener  # type: ignore[untyped-decorator]
def on_init(environment: Environment, web_ui: WebUI | None, **_: object) -> None:
    # Timers count from when the loop last looked at the clock, which was before everything was imported:
    # a run of five seconds would end that much early.
    gevent.get_hub().loop.update_now()
    audit(environment)  # before the ledger, which reports what was found
    LEDGER.attach(environment)
    environment.events.worker_report.add_listener(GENERATORS.hear)  # type: ignore[no-untyped-call]
    runners.MASTER_HEARTBEAT_TIMEOUT = MASTER_GONE_AFTER
    runners.WORKER_REPORT_INTERVAL = REPORT_EVERY
    environment.stop_timeout = environment.stop_timeout or GRACE
    given = environment.parsed_options
    services = {getattr(user, "service", "") for user in environment.user_classes}
    try:
        options.Settings.of(vars(given), environment.host).check(services)
    except options.OptionError as error:
        sys.exit(f"{error}")
    if web_ui is not None:
        try:
            entrance = door.Door.from_environment(os.environ)
        except door.PasswordError as error:
            sys.exit(f"{error}")
        page.prepare(environment, web_ui, entrance)
