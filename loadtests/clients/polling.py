"""A room by requests: polling asks again and again; with long polling the answer waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from loadtests.clients.failures import WrongStatus
from loadtests.clients.http import HttpClient, request
from loadtests.clients.said import page

if TYPE_CHECKING:
    from loadtests.addresses import Address
    from loadtests.clients.said import Heard

__all__ = ["LongPollingClient", "PollingClient"]

WAIT_SECONDS: Final = 10
"""What a long poll has the server wait for a message: shorter than anything on the way gives up after, and
long enough that empty answers are rare."""


class PollingClient:
    """Asks for what follows the last number it has seen, one request each time. When is the caller's."""

    path: ClassVar[str] = "/rooms/{room}/messages?after={after}"
    patience: ClassVar[int] = 0
    """Seconds that the server may wait before it answers, besides those that any reply may take."""

    def __init__(self, address: Address, room: str, after: int, timeout: float) -> None:
        self._http = HttpClient(address, timeout + self.patience)
        self._address = address
        self._room = room
        self._after = after
        self.close = self._http.close
        self.opened = self._http.opened
        self.first_byte = 0
        """When the first bytes of the last answer arrived, by the performance counter."""

    @property
    def keep_alive(self) -> bool:
        """False once the server has said that it closes."""
        return self._http.keep_alive

    def hear(self) -> list[Heard]:
        """Ask once; what has been said since. Raises Failure."""
        path = self.path.format(room=self._room, after=self._after, seconds=self.patience)
        response = self._http.ask(request("GET", path, self._address))
        self.first_byte = self._http.first_byte
        if response.head.status != 200:
            raise WrongStatus(f"status {response.head.status} instead of 200")
        messages = page(response.content).messages
        if messages:
            self._after = max(message.number for message in messages)
        return [*messages]


class LongPollingClient(PollingClient):
    """The same question to a service that answers it when there is something to say."""

    path = "/rooms/{room}/wait?after={after}&timeout={seconds}"
    patience = WAIT_SECONDS
