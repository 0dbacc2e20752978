"""What a process opens when it starts and closes when it ends (ASGI's lifespan), and who may use it.

The server hands ``state`` to every connection's scope: ``scope["state"]["hubs"]``.
"""

from typing import Any

from channels.layers import get_channel_layer  # type: ignore[import-untyped]
from django.conf import settings
from rooms import AsyncLog

from realtime.consumer import Receive, Send
from realtime.hubs import Hubs

__all__ = ["lifespan"]


async def lifespan(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Open the log and the hubs before the first connection, and close them after the last.

    Redis need not be there yet: then ``/healthz`` says so, and the hubs come when it does.
    """
    await receive()  # lifespan.startup
    log, layer = AsyncLog(settings.REDIS_URL, remembered=settings.ROOM_HISTORY), get_channel_layer()
    hubs = scope["state"]["hubs"] = Hubs(log, layer)
    await send({"type": "lifespan.startup.complete"})
    await receive()  # lifespan.shutdown
    await hubs.aclose()
    await layer.flush()
    await log.aclose()
    await send({"type": "lifespan.shutdown.complete"})
