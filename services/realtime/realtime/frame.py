"""What a listener is sent: encoded once, and the same object handed to everyone who hears it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rooms import AfterInFuture, Message, RoomError
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

__all__ = ["Frame", "ack", "error", "joined", "left", "message", "missed", "welcome"]

#: Names in one frame. How many there are is told besides; thousands of them would be no use to anybody.
NAMES: Final = 50


class Frame:
    """One JSON object, the ASGI event that carries it over a WebSocket, and the bytes that it is there."""

    __slots__ = ("encoded", "event", "message", "number", "text", "type")

    def __init__(self, type: str, fields: Mapping[str, Any], message: Message | None = None) -> None:  # noqa: A002
        self.type = type
        self.message = message
        self.number = message.number if message else 0  #: its place in the room's order; 0: it has none
        self.text = json.dumps({"type": type, **fields}, ensure_ascii=False, separators=(",", ":"))
        self.event = {"type": "websocket.send", "text": self.text}
        self.encoded = WebSocketFrame(Opcode.TEXT, self.text.encode()).serialize(mask=False)


def message(posted: Message) -> Frame:
    """A message of the room, the same for all."""
    return Frame("message", posted.as_json(), posted)


def welcome(room: str, last: int, names: Sequence[str]) -> Frame:
    """The first frame: where the room is, who is in it, and that the listener hears it from now on."""
    return Frame("welcome", {"room": room, "last": last, "names": names[:NAMES], "here": len(names)})


def ack(number: int, ref: str | int | None) -> Frame:
    """The client's message is in the log under this number. ``ref`` is what the client called it."""
    return Frame("ack", {"number": number, "ref": ref})


def missed(first: int, last: int) -> Frame:
    """Messages that were asked for and that the room no longer remembers."""
    return Frame("missed", {"from": first, "to": last})


def joined(names: Sequence[str], here: int) -> Frame:
    """Who has come. ``here``: how many names there are now."""
    return Frame("joined", {"names": names[:NAMES], "here": here})


def left(names: Sequence[str], here: int) -> Frame:
    """Who has gone."""
    return Frame("left", {"names": names[:NAMES], "here": here})


def error(problem: RoomError, ref: str | int | None = None) -> Frame:
    """What was wrong with what the client sent, or with us. The connection lives on."""
    last = {"last": problem.last} if isinstance(problem, AfterInFuture) else {}
    return Frame("error", {"code": problem.code, "detail": str(problem), "ref": ref, **last})
