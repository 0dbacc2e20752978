"""The request that a view gets for an opening handshake."""

import io
from typing import Any

from django.core.handlers.asgi import ASGIRequest

from realtime.dwebsocket.websocket import WebSocket

__all__ = ["SocketRequest"]


class SocketRequest(ASGIRequest):
    """A GET without content, as a handshake is (RFC 6455, section 4.1), and the WebSocket that follows."""

    def __init__(self, scope: dict[str, Any], websocket: WebSocket) -> None:
        super().__init__({**scope, "type": "http", "method": "GET", "scheme": "http"}, io.BytesIO())
        self.websocket = websocket

    def is_websocket(self) -> bool:
        """Whether there is one. A plain request says no, and its ``websocket`` is ``None``."""
        return True
