"""Echo over a raw connection: what was sent comes back, and nothing else."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING

from loadtests.clients.connection import Connection
from loadtests.clients.failures import ClosedEarly, MalformedReply, WrongContent

if TYPE_CHECKING:
    from loadtests.addresses import Address

__all__ = ["TcpClient"]


class TcpClient:
    """One connection to an echo server."""

    keep_alive = True

    def __init__(self, address: Address, timeout: float) -> None:
        self._connection = Connection(address, timeout)
        self.close = self._connection.close
        self.first_byte = 0
        """When the first bytes of the last reply arrived, by the performance counter."""

    def exchange(self, payload: bytes) -> int:
        """Send `payload`, read as many bytes, compare. Returns their number. Raises Failure."""
        self._connection.send(payload)
        reply = self._connection.receive()
        self.first_byte = perf_counter_ns()
        if reply != payload:
            self._read_rest(reply, payload)
        return len(payload)

    def _read_rest(self, reply: bytes, payload: bytes) -> None:
        """The reply is in pieces, or wrong."""
        pieces = [reply]
        missing = len(payload) - len(reply)
        while missing > 0:
            if not pieces[-1]:
                place = "before" if len(payload) == missing else "in the middle of"
                raise ClosedEarly(f"closed {place} the reply")
            pieces.append(self._connection.receive())
            missing -= len(pieces[-1])
        if missing < 0:
            raise MalformedReply("more bytes came back than were sent")
        if b"".join(pieces) != payload:
            raise WrongContent("other bytes came back than were sent")
