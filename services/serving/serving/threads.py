"""A thread for each connection: every one waits for its own peer, and holds up nobody.

It is written as if there were one connection in the world. The price is a stack for each and a switch at each
turn, and that Python runs one thread at a time: hundreds of connections do well so, thousands do not.
"""

import socket
import sys
import threading
from _thread import start_new_thread
from collections.abc import Callable
from threading import Condition
from time import monotonic

from serving.bell import Bell
from serving.blocking import Blocking
from serving.counters import Row
from serving.driver import Service
from serving.iterative import Iterative
from serving.listener import Address
from serving.log import Log
from serving.porter import REST

__all__ = ["Threads", "begin"]


class Threads(Iterative):
    """The main thread accepts, the others converse. What they share is guarded by ``changed``."""

    descriptors = 3  # the socket, and the two ends of a bell

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        super().__init__(listener, service, row, log)
        self.changed = Condition()
        self.conversations: set[Blocking] = set()

    def stop(self) -> None:
        super().stop()
        self.ring()

    def ring(self) -> None:
        """Have every conversation see what has changed. A signal handler can't wait for the lock."""
        for conversation in list(self.conversations):
            conversation.bell.ring()

    def take(self, sock: socket.socket, remote: Address) -> None:
        if not (bell := self.make_bell()):
            self.leave(sock, reset=True)
            return
        conversation = Blocking(self, sock, remote, bell)
        with self.changed:
            self.conversations.add(conversation)
        try:
            begin(self.converse, conversation)
        except RuntimeError as error:  # there can't be more threads
            self.starve(error)
            self.leave(sock, reset=True)
            self.forget(conversation)

    def make_bell(self) -> Bell | None:
        """A bell for one more conversation; None if there are no descriptors, and nobody who gives his up."""
        for _ in range(2):
            try:
                return Bell()
            except OSError as error:
                self.starve(error)
        return None

    def converse(self, conversation: Blocking) -> None:
        """One thread's life."""
        conversation.run()
        self.forget(conversation)

    def forget(self, conversation: Blocking) -> None:
        """A conversation is over."""
        conversation.bell.close()
        with self.changed:
            self.conversations.remove(conversation)
            self.changed.notify()

    def everyone(self) -> set[Blocking]:
        return self.conversations

    def make_room(self) -> bool:
        with self.changed:  # who is asked to leave does so in a thread of his own
            return super().make_room() and self.changed.wait(REST)

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
        self.ring()
        with self.changed:
            while self.conversations and (left := self.end + self.limits.quiet - monotonic()) > 0:
                self.changed.wait(min(left, self.tick))  # `stop` changes the end, once more told


def begin(what: Callable[..., object], *arguments: object) -> None:
    """Have something done in a thread of its own. Raises RuntimeError if there can't be another one.

    ``Thread(target=what, args=arguments, daemon=True).start()`` returns only when the new thread has had a
    turn. The more threads there are, the longer does that take; and here it is the one who accepts that would
    wait, once for each who comes. The price: `threading` does not know these threads. Its ``enumerate`` lists
    those that have asked for their own ``Thread``, before Python 3.13 also after they have ended.
    """
    start_new_thread(run, (what, arguments))


def run(what: Callable[..., object], arguments: tuple[object, ...]) -> None:
    """One thread's life. What ends it is reported as of any other thread."""
    try:
        what(*arguments)
    except BaseException:  # noqa: BLE001 - whatever it is, nobody else would hear of it
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), None)))
