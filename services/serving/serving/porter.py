"""Who may come in: how many, what happens when descriptors run out, and who has to leave then."""

import errno
import os
import socket
import time
from collections.abc import Collection
from contextlib import suppress
from heapq import nsmallest
from operator import attrgetter

from serving.conversation import TURN, Conversation
from serving.counters import Count, Row
from serving.listener import Address, format_address
from serving.log import Log
from serving.service import Service

__all__ = ["OPEN", "REST", "Porter"]

#: Out of descriptors or memory: nothing is wrong with the listener, it has to wait until some are given back.
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

#: Seconds for which the listener then rests, if nobody is idle whose place could be given away.
REST = 0.5

#: Of those who are idle then, one in so many has to go: to find out who costs more than to close one.
SHARE = 32

#: Seconds that pass between two refusals while those inside have something to say. The kernel, which
#: tidies up in lumps after what was closed, would make them wait; a flood that queues costs them nothing.
PAUSE = 0.001

#: Something is wrong with the listener.
UNUSABLE = frozenset({errno.EBADF, errno.EINVAL, errno.ENOTSOCK})

OPEN, ACCEPTED, PIECES = int(Count.OPEN), int(Count.ACCEPTED), int(Count.PIECES)


class Porter:
    """The part of a driver that stands at the door."""

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        self.listener, self.service, self.row, self.log = listener, service, row, log
        self.limits, self.most = service.limits, service.limits.connections
        self.starved = 0.0  # descriptors ran out; when that may be over
        self.rest = 0.0  # seconds for which the listener is not to be asked now
        self.heard = 0  # pieces that had come in when we last refused somebody

    def count(self, what: int, number: int = 1) -> None:
        """Count something."""
        self.row[what] += number

    def accept(self) -> tuple[int, Address] | None:
        """Accept a connection: its descriptor, which does not block, and the peer's address.

        None if there is none, or none can be accepted, or some were refused; ``rest`` says how long to wait
        before the next is asked for.
        """
        row, turn = self.row, TURN
        self.rest = 0.0
        while turn:
            try:
                # accept() is this and a socket object, which asks the kernel for its name: 4 % of what a
                # connection of one message takes. Most of ours never need the object.
                descriptor, remote = self.listener._accept()  # type: ignore[attr-defined]
            except BlockingIOError:
                return None
            except OSError as error:
                if error.errno in UNUSABLE:
                    raise
                if error.errno not in EXHAUSTED:
                    turn -= 1
                    continue  # that one died while it queued (ECONNABORTED and its like)
                self.starve(error)
                return None
            if self.starved:
                self.recover()
            if row[OPEN] < self.most:
                os.set_blocking(descriptor, False)
                row[OPEN] += 1
                row[ACCEPTED] += 1
                return descriptor, remote[:2]
            turn -= 1
            self.refuse(descriptor, remote)
            if row[PIECES] != self.heard:
                self.heard, self.rest = row[PIECES], PAUSE
                return None
        return None

    def starve(self, error: Exception) -> None:
        """Something has run out. Say so once, and make room; or let the listener rest until there is some."""
        if not self.starved:
            self.count(Count.STARVED)
            self.log.limited("starved", reason=error, open=self.row[OPEN])
        made = self.make_room()
        self.rest = 0.0 if made else REST
        self.starved = time.monotonic() + (REST if made else 0.0)

    def recover(self) -> None:
        """A connection was accepted. Say so, unless room had to be made for it."""
        if time.monotonic() >= self.starved:
            self.starved = 0.0
            self.log.limited("recovered", open=self.row[OPEN], evicted=self.row[Count.EVICTED])

    def everyone(self) -> Collection[Conversation]:
        """Who converses with us, as far as they can be asked to leave."""
        return ()

    def make_room(self) -> bool:
        """Close those who have been idle for longest: who comes has something to say. False if none is."""
        idle = [conversation for conversation in self.everyone() if conversation.idle()]
        for conversation in nsmallest(1 + len(idle) // SHARE, idle, key=attrgetter("seen")):
            conversation.evict()
        return bool(idle)

    def refuse(self, descriptor: int, remote: Address) -> None:
        """Close a connection past the limit at once. Never waits."""
        self.count(Count.REFUSED)
        self.log.limited("refused", peer=format_address(remote), limit=self.limits.connections)
        if not self.service.refusal:
            os.close(descriptor)
            return
        with socket.socket(fileno=descriptor) as sock:
            sock.setblocking(False)
            with suppress(OSError):  # it has gone by itself, or says nothing yet
                sock.send(self.service.refusal)
                sock.shutdown(socket.SHUT_WR)
                sock.recv(65536)  # what is left unread would turn the close into a reset
