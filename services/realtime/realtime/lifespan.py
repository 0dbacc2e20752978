"""What a process opens when it starts and closes when it ends (ASGI's lifespan), and who may use it.

The server hands ``state`` to every connection's scope: ``scope["state"]["hubs"]``.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from channels.layers import get_channel_layer  # type: ignore[import-untyped]
from django.conf import settings
from rooms import AsyncLog

from realtime.consumer import Receive, Send
from realtime.hubs import Hubs

__all__ = ["lifespan"]

Handler = Callable[[int, FrameType | None], Any] | int | None  # what signal.getsignal returns


async def lifespan(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Open the log and the hubs before the first connection, and close them after the last.

    Redis need not be there yet: then ``/healthz`` says so, and the hubs come when it does.
    """
    await receive()  # lifespan.startup
    layer = get_channel_layer()
    log = AsyncLog(
        settings.REDIS_URL,
        remembered=settings.ROOM_HISTORY,
        password_file=settings.REDIS_PASSWORD_FILE,
    )
    hubs = scope["state"]["hubs"] = Hubs(log, layer, settings.FOLLOWED_ROOMS)
    when_told_to_stop(hubs.stop)
    await send({"type": "lifespan.startup.complete"})
    await receive()  # lifespan.shutdown
    await hubs.aclose()
    await layer.flush()
    await log.aclose()
    await send({"type": "lifespan.shutdown.complete"})


def when_told_to_stop(act: Callable[[], None]) -> None:
    """Act in the event loop as soon as the process is told to stop, before the server does what it does then.

    The server says so only after the last connection has ended, and a stream that never ends by itself would
    keep it waiting. Signals are for the main thread; a server that runs us in another one ends its
    connections itself.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, both(lambda: loop.call_soon_threadsafe(act), signal.getsignal(told)))


def both(first: Callable[[], object], then: Handler) -> Callable[[int, FrameType | None], None]:
    """A signal handler that does something before what was done until now."""

    def handle(number: int, frame: FrameType | None) -> None:
        first()
        if callable(then):
            then(number, frame)

    return handle
