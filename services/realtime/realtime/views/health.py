"""Whether this process serves, and whether it can do its work."""

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, JsonResponse
from rooms import Unavailable

from realtime.counters import counters
from realtime.views.answer import NO_STORE

if TYPE_CHECKING:
    from realtime.hubs import Hubs

__all__ = ["healthz", "livez"]


async def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django calls it with one)
    """200 while there is somebody to say so."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8", headers=NO_STORE)


async def healthz(request: HttpRequest) -> JsonResponse:
    """200 when rooms work, 503 and the reason when they don't; and what this process, one of perhaps several,
    has done.

    ``requests`` is what clients asked for: HTTP requests, opening handshakes and WebSocket messages.
    """
    hubs: Hubs = request.scope["state"]["hubs"]  # type: ignore[attr-defined] # an ASGIRequest has one
    figures = {
        **asdict(counters),
        "connections": counters.connections,
        "requests": counters.requests + counters.received,
        "rooms": len(hubs.hubs),
        "process": os.getpid(),
    }
    try:
        await hubs.log.ping()
    except Unavailable as error:
        return JsonResponse(
            {"status": "failing", "reason": str(error), **figures}, status=503, headers=NO_STORE
        )
    return JsonResponse({"status": "ok", **figures}, headers=NO_STORE)
