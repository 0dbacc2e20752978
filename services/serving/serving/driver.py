"""What every driver does alike: who may come in, what is counted, what is logged, what it is told to do."""

import errno
import os
import socket
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf

from serving.conversation import TURN, Conversation
from serving.counters import Count, Row
from serving.limits import Limits
from serving.listener import Address, format_address
from serving.log import Log
from serving.pool import Pool
from serving.protocol import Factory, Waiting

__all__ = ["OPEN", "REST", "Driver", "Service"]

#: Out of descriptors or memory: nothing is wrong with the listener, it has to wait until some are given back.
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

#: Seconds for which the listener then rests.
REST = 0.5

#: Something is wrong with the listener.
UNUSABLE = frozenset({errno.EBADF, errno.EINVAL, errno.ENOTSOCK})

#: SO_LINGER on, for no time: to close is to reset.
ABORT = struct.pack("ii", 1, 0)

OPEN, ACCEPTED = int(Count.OPEN), int(Count.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Service:
    """What is served, and how, apart from where."""

    name: str
    factory: Factory
    limits: Limits = field(default_factory=Limits)
    refusal: bytes = b""  # what a connection past the limit is told before it is closed
    threads: int = 0  # that blocking `work` runs in; 0 is in the driver itself
    processes: int = 8  # of the prefork model
    loop: str = "asyncio"  # of the asyncio model; or uvloop


class Driver:
    """A concurrency model at work on one listener, until it is told to stop.

    Who makes it closes nothing: `run` closes the listener and every connection before it returns.
    """

    pool: Pool | None = None  # for work; without one it is done in the driver itself
    descriptors = 1  # that a connection takes

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        self.listener, self.service, self.row, self.log = listener, service, row, log
        self.limits, self.most = service.limits, service.limits.connections
        self.local: Address = listener.getsockname()[:2]
        self.tick = min(1.0, self.limits.shortest() / 4)  # how often deadlines are looked at
        self.starved = False  # descriptors ran out, and no connection was accepted since
        self.stopping = False  # told to drain,
        self.end = inf  # and when that is over
        self.deadlines = {  # what is not here may take for ever
            Waiting.IDLE: self.limits.idle,
            Waiting.HEAD: self.limits.head,
            Waiting.CONTENT: self.limits.content,
            Waiting.END: self.limits.linger,
        }

    @classmethod
    def processes(cls, service: Service) -> int:  # noqa: ARG003 - for a model of several
        """How many processes of this model share a listener."""
        return 1

    def run(self) -> None:
        """Serve until `stop`, then drain."""
        raise NotImplementedError

    def stop(self) -> None:
        """Begin to drain; told so once more, cut short. From a signal handler or any thread."""
        self.end = time.monotonic() + (0 if self.stopping else self.limits.drain)
        self.deadlines[Waiting.IDLE] = min(self.limits.idle, self.limits.quiet)
        self.stopping = True

    def count(self, what: int, number: int = 1) -> None:
        """Count something."""
        self.row[what] += number

    def accept(self) -> tuple[int, Address] | None:
        """Accept a connection: its descriptor, which does not block, and the peer's address.

        None if there is none, or none can be accepted (``starved`` is set then), or one was refused: it is
        the turn of the others then, as to refuse many costs those inside time.
        """
        row = self.row
        for _ in range(TURN):
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
                    continue  # that one died while it queued (ECONNABORTED and its like)
                self.starve(error)
                return None
            if self.starved:
                self.starved = False
                self.log.limited("recovered", open=row[Count.OPEN])
            if row[OPEN] < self.most:
                os.set_blocking(descriptor, False)
                row[OPEN] += 1
                row[ACCEPTED] += 1
                return descriptor, remote[:2]
            self.refuse(descriptor, remote)
            return None
        return None

    def starve(self, error: Exception) -> None:
        """Something has run out that will be given back. Say so once, and let the listener rest."""
        if not self.starved:
            self.starved = True
            self.count(Count.STARVED)
            self.log.limited("starved", reason=error, open=self.row[Count.OPEN])

    def leave(self, sock: socket.socket, *, reset: bool) -> None:
        """Close a connection."""
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        sock.close()
        self.count(OPEN, -1)

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

    def sweep(self, conversations: Iterable[Conversation]) -> None:
        """Look at every deadline. That is less work, in all, than to keep them in order at each byte."""
        now = time.monotonic()
        for conversation in list(conversations):
            if now - conversation.seen >= conversation.patience():
                conversation.expire()

    def cut(self, conversations: Iterable[Conversation]) -> None:
        """The time to drain is over: reset who is still there."""
        left = list(conversations)
        self.log("cut", connections=len(left))
        for conversation in left:
            conversation.close(reset=True)

    def broken(self, remote: Address, error: BaseException) -> None:
        """Count and log a connection that ended abnormally: the peer's doing, or a protocol's fault."""
        if isinstance(error, OSError):
            self.count(Count.RESET)
            self.log.limited("reset", peer=format_address(remote), reason=error.strerror or error)
        else:
            self.count(Count.FAILED)
            self.log.limited("failed", peer=format_address(remote), error=repr(error))

    def expired(self, remote: Address, waiting: Waiting) -> None:
        """Count and log a deadline that has passed; to be idle for long is nothing to log."""
        self.count(Count.EXPIRED)
        if waiting is not Waiting.IDLE:
            self.log.limited("expired", peer=format_address(remote), waiting=waiting.name.lower())
