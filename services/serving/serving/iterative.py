"""One connection at a time: the server of the tutorials.

Whoever comes second waits in the listener's queue until the first has hung up. That is enough to learn from,
and for a service whose answers are instant and whose peers all hang up.
"""

import select
import socket

from serving.bell import Bell
from serving.blocking import Blocking, wait
from serving.counters import Row
from serving.driver import Driver, Service
from serving.listener import Address
from serving.log import Log

__all__ = ["Iterative"]


class Iterative(Driver):
    """One thread, one connection. Other threads, and signal handlers, may use `stop`."""

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        super().__init__(listener, service, row, log)
        self.bell = Bell()

    def stop(self) -> None:
        super().stop()
        self.bell.ring()

    def run(self) -> None:
        while not self.stopping:
            if accepted := self.next():
                self.take(socket.socket(fileno=accepted[0]), accepted[1])
        self.drain()
        self.bell.close()

    def next(self) -> tuple[int, Address] | None:
        """Wait for a connection; None if something else came first."""
        if self.rest:
            wait(self.rest, self.bell, self.listener, 0)
            self.rest = 0.0
            return None
        # Not for ever: a signal that comes just before this call is seen after it.
        ready = wait(self.tick, self.bell, self.listener, select.POLLIN)
        # Only if there is one: where no descriptor is left, the kernel says so even if nobody has knocked.
        return self.accept() if self.listener.fileno() in ready and not self.stopping else None

    def take(self, sock: socket.socket, remote: Address) -> None:
        """Deal with a new connection."""
        Blocking(self, sock, remote, self.bell).run()

    def drain(self) -> None:
        """The conversation is over, and there will be no other."""
        self.listener.close()
