"""uvicorn's WebSocket protocol, with an answer of its own to versions that it does not speak."""

from http import HTTPStatus

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

__all__ = ["WebSocketProtocol"]


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """As uvicorn's; but RFC 6455, section 4.2.2, wants to hear of another version as 426, and not as 400."""

    def handle_connect(self, event: Request) -> None:
        """An opening handshake."""
        versions = event.headers.get_all("Sec-WebSocket-Version")
        if len(versions) != 1 or versions == ["13"]:
            super().handle_connect(event)
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
