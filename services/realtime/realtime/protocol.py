"""uvicorn's WebSocket protocol, with an answer of its own to versions that it does not speak, and a short way
for frames that many are sent alike.
"""

from http import HTTPStatus
from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

__all__ = ["WRITE", "WebSocketProtocol"]

#: Where a scope's extensions hold ``write`` (ASGI lets a server offer extensions, and an application must do
#: without them).
WRITE = "realtime.write"


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """As uvicorn's, but it refuses as RFC 6455 asks, and keeps less of a handshake that has gone well."""

    def write(self, frame: bytes) -> bool:
        """Send a frame that is encoded already, if it can go at once. If not, ``send`` is the way, and waits.

        ``send`` encodes what it is given for one client, and only a task can await it. A room encodes once
        and has a thousand clients.
        """
        if self.transport.is_closing() or self.close_sent or self.conn.state is not State.OPEN:
            return False  # `send` says so to its caller
        if not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True

    def start_keepalive(self) -> None:
        """The connection is open: what the handshake said is in the scope, and need not be kept twice."""
        super().start_keepalive()
        del self.request, self.response

    def handle_connect(self, event: Request) -> None:
        """An opening handshake. Section 4.2.2: another version is 426 with the one we speak, and not 400."""
        versions = event.headers.get_all("Sec-WebSocket-Version")
        if len(versions) != 1 or versions == ["13"]:
            super().handle_connect(event)
            if not self.close_sent:
                cast("dict[str, object]", self.scope["extensions"])[WRITE] = self.write
            return
        response = self.conn.reject(
            HTTPStatus.UPGRADE_REQUIRED, "This server speaks version 13 of WebSocket.\n"
        )
        response.headers["Sec-WebSocket-Version"] = "13"
        response.headers["Upgrade"] = "websocket"
        self.conn.send_response(response)
        self.handshake_complete = self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()
