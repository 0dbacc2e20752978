"""A room's log as the site serves it: where it ends, what stands in it, and one more message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from loadtests.clients.failures import MalformedReply, WrongContent, WrongStatus
from loadtests.clients.http import HttpClient, request
from loadtests.clients.said import Acknowledged, fields, page, said

if TYPE_CHECKING:
    from loadtests.addresses import Address
    from loadtests.clients.said import Page

__all__ = ["LogClient"]


class LogClient:
    """One connection to the service that reads and writes the log."""

    def __init__(self, address: Address, room: str, timeout: float) -> None:
        self._http = HttpClient(address, timeout)
        self._address = address
        self._room = room
        self.close = self._http.close
        self.opened = self._http.opened

    @property
    def keep_alive(self) -> bool:
        """False once the server has said that it closes."""
        return self._http.keep_alive

    @property
    def first_byte(self) -> int:
        """When the first bytes of the last answer arrived, by the performance counter."""
        return self._http.first_byte

    def end(self) -> int:
        """The number of the newest message; 0 in an empty room. Raises Failure."""
        return self._get(f"/rooms/{self._room}/messages?after=0&limit=1").last

    def since(self, after: int) -> Page:
        """Up to a hundred messages that follow that number. Raises Failure."""
        return self._get(f"/rooms/{self._room}/messages?after={after}&limit=100")

    def post(self, text: str, ref: int) -> Acknowledged:
        """Say something, and wait until it is in the log. Raises Failure."""
        content = json.dumps({"author": "locust", "text": text}).encode()
        path = f"/rooms/{self._room}/messages"
        response = self._http.ask(request("POST", path, self._address, content, "application/json"))
        if response.head.status != 201:
            raise WrongStatus(f"status {response.head.status} instead of 201")
        posted = said(fields(response.content))
        if posted.text != text:
            raise WrongContent("another text was acknowledged than was posted")
        return Acknowledged(posted.number, ref)

    def _get(self, path: str) -> Page:
        response = self._http.ask(request("GET", path, self._address))
        if response.head.status != 200:
            raise WrongStatus(f"status {response.head.status} instead of 200")
        try:
            return page(response.content)
        except MalformedReply as error:
            raise WrongContent(str(error)) from None
