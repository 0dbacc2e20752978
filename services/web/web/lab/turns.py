"""How many labs may be at work at once in one process.

A lab holds a thread while it waits for another service, which may be this very one. Half of the threads stay
for everybody else, and a request that has the lab send a request to the lab ends soon.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from web.lab.problem import Busy

__all__ = ["turn"]

_places = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))

#: Seconds to wait for a place.
PATIENCE = 2.0


@contextmanager
def turn(places: threading.Semaphore = _places) -> Iterator[None]:
    """Hold a place, one of all labs' or of fewer. Raises `Busy`."""
    if not places.acquire(timeout=PATIENCE):
        raise Busy("Too many others are using the labs just now; try again in a moment.")
    try:
        yield
    finally:
        places.release()
