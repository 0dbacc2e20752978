"""A room over a WebSocket: JSON frames both ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from loadtests.clients.failures import MalformedReply
from loadtests.clients.frames import Opcode, frame
from loadtests.clients.said import Acknowledged, Refused, fields, said
from loadtests.clients.stream import SILENCE
from loadtests.clients.websocket import CONTROL, WebSocketClient

if TYPE_CHECKING:
    from loadtests.addresses import Address
    from loadtests.clients.frames import Frame
    from loadtests.clients.said import Heard

__all__ = ["TalkClient"]

FOR_PEOPLE = ("welcome", "joined", "left", "missed")
"""Types of frames that a person is shown. What has been missed shows in the numbers."""


class TalkClient(WebSocketClient):
    """One WebSocket in a room: the greenlet that opened it hears, and another one may post."""

    def __init__(self, address: Address, room: str, after: int, timeout: float) -> None:
        """Open, and wait for the welcome. Raises Failure."""
        super().__init__(address, f"/ws/rooms/{room}?{urlencode({'after': after})}", timeout)
        try:
            self._be_welcomed()
        except BaseException:
            self._connection.close()
            raise
        self._connection.expect(SILENCE)

    def hear(self) -> list[Heard]:
        """The next frame, and those that came with it. Raises Failure."""
        heard = [self._understand(fields(self._text()))]
        while self._reader.has_begun and (found := self._reader.next()) is not None:
            if found.opcode in CONTROL:
                self._control(found)
            else:
                heard.append(self._understand(fields(text_of(found))))
        self._connection.expect(SILENCE)
        return [one for one in heard if one]

    def post(self, text: str, ref: int) -> None:
        """Say something; the acknowledgement is heard. Raises ClosedEarly."""
        content = json.dumps({"author": "locust", "text": text, "ref": ref}).encode()
        self._connection.send_at_once(frame(Opcode.TEXT, content, self._masks.take()))

    def _be_welcomed(self) -> None:
        if fields(self._text()).get("type") != "welcome":
            raise MalformedReply("a room began with something else than a welcome")

    def _text(self) -> bytes:
        return text_of(self._message())

    @staticmethod
    def _understand(found: dict[str, Any]) -> Heard | None:
        match found:
            case {"type": "message"}:
                return said(found)
            case {"type": "ack", "number": int(number), "ref": int(ref)}:
                return Acknowledged(number, ref)
            case {"type": "error", "code": str(code), "ref": int() | None as ref}:
                return Refused(f"the room says: {code}", ref)
            case {"type": str(kind)} if kind in FOR_PEOPLE:
                return None
        raise MalformedReply("a room said something that nobody has agreed on")


def text_of(message: Frame) -> bytes:
    """A text message's content. Raises MalformedReply."""
    if message.opcode is not Opcode.TEXT:
        raise MalformedReply("a room said something that is no text")
    return message.payload
