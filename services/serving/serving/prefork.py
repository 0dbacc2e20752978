"""Processes that were forked before anybody came: several iterative servers behind one listener.

Each takes one connection at a time, and whoever is free takes the next. A crash costs one connection, there
can be as many processors at work as processes, and a peer that only sits there occupies one of them.
"""

from serving.driver import Service
from serving.iterative import Iterative

__all__ = ["Prefork"]


class Prefork(Iterative):
    """One of those processes. `serving.server` forks them, as it does workers, and replaces one that dies."""

    @classmethod
    def processes(cls, service: Service) -> int:
        return service.processes
