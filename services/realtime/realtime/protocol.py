"""uvicorn's WebSocket protocol, made to end a connection whose peer has stopped reading."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime.limits import STOP_SECONDS

__all__ = ["WebSocketProtocol"]


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A missing pong closes the connection, but closing waits until all that was written is sent.

    To a peer that keeps its window shut that is never, so after a while the connection is reset.
    """

    def keepalive_timeout(self) -> None:
        """The peer did not answer our ping."""
        super().keepalive_timeout()
        self.loop.call_later(STOP_SECONDS, self.transport.abort)
