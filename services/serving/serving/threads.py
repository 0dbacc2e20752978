"""A thread for each connection: every one waits for its own peer, and holds up nobody.

It is written as if there were one connection in the world. The price is a stack for each and a switch at each
turn, and that Python runs one thread at a time: hundreds of connections do well so, thousands do not.
"""

import socket
from threading import Condition, Thread

from serving.bell import Bell
from serving.counters import Row
from serving.driver import Service
from serving.iterative import Iterative
from serving.listener import Address
from serving.log import Log

__all__ = ["Threads"]


class Threads(Iterative):
    """The main thread accepts, the others converse. What they share is guarded by ``changed``."""

    descriptors = 3  # the socket, and the two ends of a bell

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        super().__init__(listener, service, row, log)
        self.changed = Condition()
        self.bells: set[Bell] = set()  # one for each conversation

    def take(self, sock: socket.socket, remote: Address) -> None:
        try:
            bell = Bell()
        except OSError as error:
            self.starve(error)
            self.leave(sock, reset=True)
            return
        with self.changed:
            self.bells.add(bell)
        try:
            Thread(target=self.alone, args=(sock, remote, bell), daemon=True).start()
        except RuntimeError as error:  # there can't be more threads
            self.starve(error)
            self.leave(sock, reset=True)
            self.forget(bell)

    def alone(self, sock: socket.socket, remote: Address, bell: Bell) -> None:
        """One thread's life."""
        self.converse(sock, remote, bell)
        self.forget(bell)

    def forget(self, bell: Bell) -> None:
        """A conversation is over."""
        with self.changed:
            self.bells.remove(bell)
            self.changed.notify()
        bell.close()

    def accept(self) -> tuple[int, Address] | None:
        with self.changed:  # it counts
            return super().accept()

    def count(self, what: int, number: int = 1) -> None:
        with self.changed:
            super().count(what, number)

    def drain(self) -> None:
        """Let nobody in who has not knocked yet, tell those inside, and see them out."""
        while accepted := self.accept():
            self.take(socket.socket(fileno=accepted[0]), accepted[1])
        self.listener.close()
        with self.changed:
            for bell in self.bells:
                bell.ring()
            self.changed.wait_for(lambda: not self.bells, self.limits.drain + self.limits.quiet)
