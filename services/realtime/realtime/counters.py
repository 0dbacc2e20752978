"""What this process has done since it started, for ``/healthz``. Only the event loop's thread counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

__all__ = ["Counters", "counters"]

Kind = Literal["websockets", "views", "streams", "waits"]


@dataclass(slots=True)
class Counters:
    """Connections that are open now, and totals."""

    websockets: int = 0
    views: int = 0  # those of the WebSockets that hold a thread
    streams: int = 0  # event streams
    waits: int = 0  # long polls that wait
    requests: int = 0  # HTTP requests and opening handshakes
    received: int = 0  # WebSocket messages from clients
    posted: int = 0  # messages into rooms
    delivered: int = 0  # frames of rooms handed to listeners
    refused: int = 0  # handshakes and requests past the limit of connections
    slow: int = 0  # listeners that were closed because they did not read

    @property
    def connections(self) -> int:
        """Everything that is held open."""
        return self.websockets + self.streams + self.waits

    @contextmanager
    def held(self, kind: Kind) -> Iterator[None]:
        """Count a connection for as long as it is open."""
        setattr(self, kind, getattr(self, kind) + 1)
        try:
            yield
        finally:
            setattr(self, kind, getattr(self, kind) - 1)


#: This process's.
counters = Counters()
