"""What a listener is sent: encoded once, and the same object handed to everyone who hears it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from rooms import Message, RoomError

__all__ = ["Frame", "ack", "error", "message", "missed", "welcome"]

#: The number of a frame that has no place in the room's order.
UNNUMBERED: Final = 0


class Frame:
    """One JSON object, and the ASGI event that carries it over a WebSocket."""

    __slots__ = ("event", "number", "text")

    def __init__(self, fields: Mapping[str, Any], number: int = UNNUMBERED) -> None:
        self.number = number
        self.text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        self.event = {"type": "websocket.send", "text": self.text}


def message(posted: Message) -> Frame:
    """A message of the room, the same for all."""
    return Frame({"type": "message", **posted.as_json()}, posted.number)


def welcome(room: str, last: int) -> Frame:
    """The first frame: where the room is, and that the listener hears it from now on."""
    return Frame({"type": "welcome", "room": room, "last": last})


def ack(number: int, ref: str | int | None) -> Frame:
    """The client's message is in the log under this number. ``ref`` is what the client called it."""
    return Frame({"type": "ack", "number": number, "ref": ref})


def missed(first: int, last: int) -> Frame:
    """Messages that were asked for and that the room no longer remembers."""
    return Frame({"type": "missed", "from": first, "to": last})


def error(problem: RoomError, ref: str | int | None = None) -> Frame:
    """What was wrong with what the client sent, or with us. The connection lives on."""
    return Frame({"type": "error", "code": problem.code, "detail": str(problem), "ref": ref})
