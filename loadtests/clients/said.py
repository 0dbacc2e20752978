"""What is said in a room, whichever way it was heard: JSON in, messages out. No socket."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Protocol

from loadtests.clients.failures import MalformedReply

__all__ = ["Acknowledged", "Heard", "Listener", "Page", "Refused", "Said", "fields", "page", "said"]


class Said(NamedTuple):
    """A message of the room: its place in the room's order, and its text."""

    number: int
    text: str


class Acknowledged(NamedTuple):
    """What was posted over this connection under `ref` is in the room's log under `number`."""

    number: int
    ref: int


class Refused(NamedTuple):
    """What was posted under `ref` is not in the log; the reason. No `ref`: it isn't known which post."""

    reason: str
    ref: int | None = None


Heard = Said | Acknowledged | Refused


class Listener(Protocol):
    """One way of hearing a room, from a number on."""

    opened: int
    """When its connection was there, by the performance counter."""
    first_byte: int
    """When the first bytes of the answer to our joining, or asking, arrived."""

    @property
    def keep_alive(self) -> bool:
        """Whether it can be asked again."""

    def hear(self) -> list[Heard]:
        """Wait for what comes next; perhaps nothing, as a sign of life is something too. Raises Failure."""

    def close(self) -> None:
        """Close."""


class Page(NamedTuple):
    """Messages that follow one another, as one read found the log."""

    messages: list[Said]
    last: int
    """The number of the room's newest message; 0 in an empty room."""


def fields(text: str | bytes) -> dict[str, Any]:
    """A JSON object. Raises MalformedReply."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise MalformedReply("a room's message is no JSON object")
    return found


def said(found: dict[str, Any]) -> Said:
    """A message from its JSON object. Raises MalformedReply."""
    number, text = found.get("number"), found.get("text")
    if type(number) is not int or number < 1 or not isinstance(text, str):
        raise MalformedReply("a room's message has no number or no text")
    return Said(number, text)


def page(content: bytes) -> Page:
    """What polling and long polling answer with. Raises MalformedReply."""
    found = fields(content)
    messages, last = found.get("messages"), found.get("last")
    if not isinstance(messages, list) or type(last) is not int or last < 0:
        raise MalformedReply("a page of a room has no messages or no last number")
    if not all(isinstance(message, dict) for message in messages):
        raise MalformedReply("a room's message is no JSON object")
    return Page([said(message) for message in messages], last)
