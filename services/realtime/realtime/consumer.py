"""A consumer that costs little: Channels' routing, scope and middleware, and a loop of one's own.

Channels' stock consumer waits for the client and for the channel layer at once with two tasks a message, and
asks a thread to close old database connections before each. A consumer here has neither a channel nor a
database, so ``talk`` simply receives and sends.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer  # type: ignore[import-untyped]
from rooms import RoomError

from realtime.counters import counters
from realtime.space import require_space

__all__ = ["NotFound", "Receive", "Send", "SocketConsumer", "refuse"]

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


class SocketConsumer(AsyncConsumer):  # type: ignore[misc] # Channels has no types
    """One WebSocket. A subclass reads the scope in ``open``, and uses the connection in ``talk``."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Accept or refuse, and talk."""
        self.scope = scope
        self.receive = receive
        self.send = send
        counters.requests += 1
        await receive()  # websocket.connect
        try:
            require_space()
            self.open()
        except RoomError as error:
            await refuse(send, error.status, str(error))
            return
        with counters.held("websockets"):
            await send({"type": "websocket.accept"})
            await self.talk()

    def open(self) -> None:
        """Read the scope. A ``RoomError`` refuses the handshake."""

    async def talk(self) -> None:
        """Use the connection until it ends."""
        raise NotImplementedError


class NotFound(SocketConsumer):
    """Whatever no other route takes."""

    async def __call__(self, _scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Refuse as HTTP would."""
        counters.requests += 1
        await receive()
        await refuse(send, 404, "There is no WebSocket here. Try /ws/echo or /ws/rooms/lobby.")


async def refuse(send: Send, status: int, reason: str) -> None:
    """Answer an opening handshake with an HTTP error instead (ASGI's Websocket Denial Response)."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": f"{reason}\n".encode()})
