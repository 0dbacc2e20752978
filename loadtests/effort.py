"""What a run cost the generator: a second locustfile, `locust -f
loadtests/locustfile.py,loadtests/effort.py`.

It writes the processor seconds that this process used while the test ran into the file that EFFORT_FILE
names. On a machine that has other things to do this tells how fast a client is, where requests a second only
tell how much of the machine it got.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from locust import events

__all__: list[str] = []

began = 0.0


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def on_start(**_: object) -> None:
    global began  # noqa: PLW0603 - Locust's listeners are functions of a module
    began = time.process_time()


@events.test_stop.add_listener  # type: ignore[untyped-decorator]
def on_stop(**_: object) -> None:
    Path(os.environ["EFFORT_FILE"]).write_text(f"{time.process_time() - began}")
