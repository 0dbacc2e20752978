"""uvicorn's WebSocket protocol, with an answer of its own to versions that it does not speak."""

from http import HTTPStatus

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

__all__ = ["WebSocketProtocol"]


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """As uvicorn's, but it refuses as RFC 6455 asks, and keeps less of a handshake that has gone well."""

    def start_keepalive(self) -> None:
        """The connection is open: what the handshake said is in the scope, and need not be kept twice."""
        super().start_keepalive()
        del self.request, self.response

    def handle_connect(self, event: Request) -> None:
        """An opening handshake. Section 4.2.2: another version is 426 with the one we speak, and not 400."""
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
