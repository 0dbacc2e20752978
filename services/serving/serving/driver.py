"""What every driver does alike: what is counted, what is logged, what it is told to do."""

import socket
import struct
import time
from collections.abc import Iterable
from math import inf

from serving.conversation import Conversation
from serving.counters import Count, Row
from serving.listener import Address, format_address
from serving.log import Log
from serving.pool import Pool
from serving.porter import OPEN, Porter
from serving.protocol import Waiting
from serving.service import Service

__all__ = ["Driver", "Service"]

#: SO_LINGER on, for no time: to close is to reset.
ABORT = struct.pack("ii", 1, 0)


class Driver(Porter):
    """A concurrency model at work on one listener, until it is told to stop.

    Who makes it closes nothing: `run` closes the listener and every connection before it returns.
    """

    pool: Pool | None = None  # for work; without one it is done in the driver itself
    descriptors = 1  # that a connection takes

    def __init__(self, listener: socket.socket, service: Service, row: Row, log: Log) -> None:
        super().__init__(listener, service, row, log)
        self.local: Address = listener.getsockname()[:2]
        self.tick = min(1.0, self.limits.shortest() / 4)  # how often deadlines are looked at
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

    def leave(self, sock: socket.socket, *, reset: bool) -> None:
        """Close a connection."""
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        sock.close()
        self.count(OPEN, -1)

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
