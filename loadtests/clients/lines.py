"""A room over a raw connection: JOIN, and then a line a message, both ways."""

from __future__ import annotations

import re
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from loadtests.clients.connection import Connection
from loadtests.clients.failures import ClosedEarly, ConnectFailed, MalformedReply
from loadtests.clients.said import Acknowledged, Refused, Said

if TYPE_CHECKING:
    from loadtests.addresses import Address
    from loadtests.clients.said import Heard

__all__ = ["LinesClient"]

LINE_LIMIT: Final = 64 * 1024
"""Bytes of a line that has not ended: far more than any that a room says."""

MESSAGE: Final = re.compile(r"([0-9]{1,16}) (.*?): (.*)", re.DOTALL)
"""NUMBER AUTHOR: TEXT. Lines that begin with `*` are for people, those with `ERR` say what went wrong."""


class LinesClient:
    """One connection: the greenlet that opened it hears, and another one may post.

    A post is acknowledged by its own line, under its number, as everybody hears it.
    """

    keep_alive = True

    def __init__(self, address: Address, room: str, name: str, after: int, timeout: float) -> None:
        """Connect, join, and wait until we are in. Raises Failure."""
        self._connection = Connection(address, timeout)
        self.opened = self._connection.opened
        self.close = self._connection.close
        self.first_byte = 0
        """When the first bytes arrived, by the performance counter."""
        self._name = name
        self._rest = b""
        self._early: list[str] = []
        self._posted: dict[str, int] = {}
        """What was posted and not heard yet: its `ref`, by its text."""
        try:
            self._join(room, after)
        except BaseException:
            self.close()
            raise
        # In a room in which nobody says anything there is nothing to hear.
        self._connection.expect(float("inf"))

    def hear(self) -> list[Heard]:
        """What comes next. Raises Failure."""
        lines, self._early = self._early, []
        return [one for line in lines or self._lines() for one in self._understand(line)]

    def post(self, text: str, ref: int) -> None:
        """Say something. Raises ClosedEarly."""
        self._posted[text] = ref
        self._connection.send_at_once(f"{text}\n".encode())

    def _join(self, room: str, after: int) -> None:
        """The room greets whoever connects, and again whoever has joined."""
        self._connection.send(f"JOIN {room} {self._name} after={after}\n".encode())
        welcome = f"* {self._name}, you are in {room};"
        while not any(line.startswith(welcome) for line in self._early):
            self._early += self._lines()
            self.first_byte = self.first_byte or perf_counter_ns()
            for line in self._early:
                if line.startswith("ERR "):
                    raise ConnectFailed(f"the room says: {line[4:]}")

    def _lines(self) -> list[str]:
        """Whole lines. Raises Failure."""
        data = self._connection.receive()
        if not data:
            raise ClosedEarly("the room closed the connection")
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_LIMIT:
            raise MalformedReply("a line is longer than 64 KiB")
        try:
            return [line.decode() for line in lines]
        except UnicodeDecodeError:
            raise MalformedReply("a line is not UTF-8") from None

    def _understand(self, line: str) -> list[Heard]:
        if line.startswith("* "):
            return []
        if line.startswith("ERR "):
            return [Refused(f"the room says: {line[4:]}")]
        found = MESSAGE.fullmatch(line)
        if not found:
            raise MalformedReply("a line is no message")
        message = Said(int(found[1]), found[3])
        if found[2] != self._name or message.text not in self._posted:
            return [message]
        return [message, Acknowledged(message.number, self._posted.pop(message.text))]
