"""A connection with a deadline. Whatever the peer does, each case ends.

Whoever makes a Wire closes it (`with`); one thread uses it.
"""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from comparisons.conformance.verdict import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Wire"]

PIECE: Final = 65536

CONNECT: Final = 8.0
"""Seconds to get a connection, which says nothing of the rules: the kernel asks a queue that was full again
after one, three and seven."""

MOST: Final = 1 << 20
"""Octets that are kept of an answer; who says more than this has said enough."""


class Wire:
    """What was received so far, and whether the peer has ended it."""

    def __init__(self, address: tuple[str, int], seconds: float) -> None:
        self.received = b""
        self.ended = False
        """The peer closes, or has reset the connection."""
        try:
            self._socket = socket.create_connection(address, timeout=max(seconds, CONNECT))
        except OSError as error:
            raise Wrong(f"no connection: {error.strerror or error}") from None
        self._until = time.monotonic() + seconds
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, octets: bytes) -> None:
        """Send, and receive meanwhile: who refuses a long message answers before it is whole.

        A peer that takes no more is no error here: what it has said is what counts.
        """
        while octets and not self.ended:
            readable, writable = self._wait(sending=True)
            if readable:
                self._receive()
            if writable:
                try:
                    octets = octets[self._socket.send(octets) :]
                except BlockingIOError:
                    continue
                except OSError:
                    break  # what it has answered before is still there to be read
            if not readable and not writable:
                break

    def receive(self, enough: Callable[[bytes], bool] = lambda _: False) -> bytes:
        """Everything until it is enough, the peer has ended it, or the time is up."""
        while not self.ended and len(self.received) < MOST and not enough(self.received):
            if not self._wait(sending=False)[0]:
                break
            self._receive()
        return self.received

    def _wait(self, *, sending: bool) -> tuple[bool, bool]:
        """For the peer, but no longer than there is time."""
        left = max(self._until - time.monotonic(), 0.0)
        reads, writes, _ = select.select([self._socket], [self._socket] if sending else [], [], left)
        return bool(reads), bool(writes)

    def _receive(self) -> None:
        with suppress(BlockingIOError):
            try:
                piece = self._socket.recv(PIECE)
            except BlockingIOError:
                raise
            except OSError:
                piece = b""  # a reset ends it as well
            self.received += piece
            self.ended = not piece
