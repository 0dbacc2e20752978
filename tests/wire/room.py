"""One who is in a room over WebSocket."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect
from wire.stack import Base
from wire.tcp import DEADLINE

__all__ = ["Member"]


class Member:
    """A WebSocket in a room, past its welcome. Frames are decoded, and nothing else is done to them."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.welcome = self.hear()

    @classmethod
    @contextmanager
    def joined(cls, base: Base, room: str, query: str = "") -> Iterator["Member"]:
        url = base.websocket(f"/ws/rooms/{room}{query}")
        with connect(url, open_timeout=DEADLINE, ping_interval=None) as socket:
            yield cls(socket)

    def hear(self) -> dict[str, Any]:
        """Return the next frame, whatever it is."""
        frame: dict[str, Any] = json.loads(self.socket.recv(DEADLINE))
        return frame

    def message(self) -> dict[str, Any]:
        """Return the next message of the room. What it acknowledges to us in between is left out."""
        while (frame := self.hear())["type"] == "ack":
            pass
        assert frame["type"] == "message", frame
        return frame

    def say(self, text: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"author": "ada", "text": text, **fields}))
