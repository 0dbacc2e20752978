"""What a run costs the generator. A second locustfile, to be named after the one with the users.

From when all users are there until shortly before the end it looks at the processor seconds of this process
and at the requests done, and writes both, as a JSON list, into the file that EFFORT_FILE names. What Locust
spends on starting and stopping is left out: in a short run on a busy machine it would count as much as the
requests.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from locust import events

from loadtests.tally import LEDGER

if TYPE_CHECKING:
    from locust.env import Environment

__all__: list[str] = []

LOOK_EVERY = 0.25

environments: list[Environment] = []


@events.init.add_listener  # type: ignore[untyped-decorator]
def on_init(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - Locust passes more than is asked for
    gevent.get_hub().loop.update_now()  # else a run is shorter by the time that imports took
    environments.append(environment)


@events.spawning_complete.add_listener  # type: ignore[untyped-decorator]
def on_spawned(**_: Any) -> None:  # noqa: ANN401 - likewise
    gevent.spawn(watch, environments[0])


def watch(environment: Environment) -> None:
    """Write what has been used and done since the first look, at every look."""
    file = Path(os.environ["EFFORT_FILE"])
    began = look(environment)
    while True:
        gevent.sleep(LOOK_EVERY)
        now = look(environment)
        file.write_text(json.dumps([now[0] - began[0], now[1] - began[1]]))


def look(environment: Environment) -> tuple[float, int]:
    """Processor seconds, and requests that ended rightly or not."""
    LEDGER.pour()
    return time.process_time(), environment.stats.total.num_requests
