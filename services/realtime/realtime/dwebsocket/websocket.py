"""``request.websocket``: what a view in a thread sees of a connection that an event loop serves.

Two threads meet here. The loop's calls ``arrived`` and ``ended`` and never waits; the view's calls everything
else, and waits. What both touch is guarded by one condition. Messages that the view has not read are bounded:
past ``LIMIT`` the loop stops receiving, and TCP tells the client.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

__all__ = ["Message", "WebSocket"]

Message = str | bytes
SendEvent = Callable[[dict[str, Any]], Awaitable[None]]

#: Messages that wait for a view: enough that reading ahead hides the way between the threads.
LIMIT: Final = 32

#: RFC 6455, section 5.5: a control frame holds 125 bytes, of which the code takes two.
REASON_BYTES: Final = 123


class WebSocket:
    """One connection. Only the thread of its view may use the methods that the view has."""

    def __init__(self, send: SendEvent, loop: asyncio.AbstractEventLoop) -> None:
        """``send`` sends an ASGI event when it is awaited in ``loop``."""
        self._send_event = send
        self._loop = loop
        self._changed = threading.Condition()
        self._messages: deque[Message] = deque()
        self._space = asyncio.Event()
        self._space.set()
        self._accepted = False
        self._closed = False

    # --- for the view
    # ---------------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Complete the opening handshake. Whatever else is used first does it too; it happens once."""
        if not self._accepted:
            self._accepted = True
            self._do({"type": "websocket.accept"})

    def wait(self, timeout: float | None = None) -> Message | None:
        """The next message in order; ``None`` when ``timeout`` seconds or the connection are over."""
        self.accept()
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self._closed, timeout)
            return self._take()

    def read(self, fallback: Message | None = None) -> Message | None:
        """The next message if one is here, else ``fallback``."""
        self.accept()
        with self._changed:
            return self._take() if self._messages else fallback

    def count_messages(self) -> int:
        """How many messages are here."""
        self.accept()
        with self._changed:
            return len(self._messages)

    def has_messages(self) -> bool:
        """Whether a message is here."""
        return self.count_messages() > 0

    def send(self, message: Message) -> None:
        """Send text as text and bytes as binary; nothing, when the connection is over (``is_closed``)."""
        if not isinstance(message, str | bytes | bytearray | memoryview):
            raise TypeError(f"A WebSocket carries str or bytes, and this is {type(message).__name__}.")
        if self.is_closed():
            return
        self.accept()
        payload = {"text": message} if isinstance(message, str) else {"bytes": bytes(message)}
        self._do({"type": "websocket.send", **payload})

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close, once, with a code (1000 unless told otherwise) and a reason of 123 bytes at most."""
        code, reason = 1000 if code is None else code, reason or ""
        if not (code in {1000, 1001, 1002, 1003, *range(1007, 1015)} or 3000 <= code <= 4999):
            raise ValueError(f"{code} is no code that may be sent (RFC 6455, section 7.4).")
        if len(reason.encode()) > REASON_BYTES:
            raise ValueError(f"A reason is {REASON_BYTES} bytes of UTF-8 at most.")
        if self.is_closed():
            return
        self.accept()
        self._do({"type": "websocket.close", "code": code, "reason": reason})
        self.ended()

    def is_closed(self) -> bool:
        """Whether the connection is over, from either side. What had arrived before can still be read."""
        with self._changed:
            return self._closed

    def __iter__(self) -> Iterator[Message]:
        """Each message, until the connection is over."""
        while (message := self.wait()) is not None:
            yield message

    def _take(self) -> Message | None:
        """The first message, if there is one; the loop may bring another."""
        if not self._messages:
            return None
        message = self._messages.popleft()
        if len(self._messages) == LIMIT - 1:
            self._loop.call_soon_threadsafe(self._space.set)
        return message

    def _do(self, event: dict[str, Any]) -> None:
        """Let the loop send an event, and wait until it has; a client that does not read makes it wait."""
        try:
            asyncio.run_coroutine_threadsafe(self._sent(event), self._loop).result()
        except OSError:
            self.ended()  # the client is gone, and its close is on its way to us

    async def _sent(self, event: dict[str, Any]) -> None:
        await self._send_event(event)

    # --- for the loop
    # ---------------------------------------------------------------------------------------------

    async def arrived(self, message: Message) -> None:
        """A message has come. Returns when another may."""
        with self._changed:
            self._messages.append(message)
            if len(self._messages) >= LIMIT:
                self._space.clear()
            self._changed.notify()
        await self._space.wait()

    def ended(self) -> None:
        """The connection is over."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    @property
    def accepted(self) -> bool:
        """Whether the opening handshake is complete."""
        return self._accepted
