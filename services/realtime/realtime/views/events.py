"""A room over one response that never ends: server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET
from rooms import RoomError
from rooms.names import after_number, room_name

from realtime.counters import counters
from realtime.frame import Frame
from realtime.hubs import Hubs
from realtime.listener import Listener, Stopping, TooSlow
from realtime.space import require_space
from realtime.views.answer import NO_STORE, refusal

__all__ = ["events"]

#: What a browser waits before it comes back, in milliseconds.
RETRY = b"retry: 2000\n\n"

#: Keeps whatever stands between us from giving the silent connection up; to clients it is nothing.
COMMENT = b": still here\n\n"


@require_GET
async def events(request: HttpRequest, room: str) -> StreamingHttpResponse | JsonResponse:
    """``GET /rooms/<room>/events?after=N``: every message that follows N, or that follows now, for ever.

    A browser that lost the connection says in ``Last-Event-ID`` what it has seen, which goes before
    ``after``.
    """
    hubs: Hubs = request.scope["state"]["hubs"]  # type: ignore[attr-defined] # an ASGIRequest has one
    try:
        room, given = room_name(room), request.headers.get("Last-Event-ID") or request.GET.get("after")
        after = None if given is None else after_number(given)
        require_space()
        hubs.require_space(room)
    except RoomError as error:
        return refusal(error)
    headers = {**NO_STORE, "X-Accel-Buffering": "no"}  # nginx hands every piece on at once
    return StreamingHttpResponse(stream(hubs, room, after), content_type="text/event-stream", headers=headers)


async def stream(hubs: Hubs, room: str, after: int | None) -> AsyncIterator[bytes]:
    """The response's pieces. Whoever it ends for comes back with ``Last-Event-ID``."""
    with counters.held("streams"), hubs.listening(room, after) as listener, suppress(TooSlow, Stopping):
        yield RETRY
        async for piece in pieces(listener):
            yield piece


async def pieces(listener: Listener) -> AsyncIterator[bytes]:
    """What waits for the listener, as events; and a comment where there is a silence."""
    going_on = True
    while going_on:
        try:
            async with asyncio.timeout(settings.COMMENT_SECONDS):
                going_on = await listener.ready()
        except TimeoutError:
            yield COMMENT
        else:
            yield "".join(event(frame) for frame in listener.waiting()).encode()


def event(frame: Frame) -> str:
    """One event. JSON holds no line break, so the data is one line; only what has a number has an ID.

    Messages are events without a name, which is what ``onmessage`` hears. An ``error`` is called ``problem``,
    since a browser calls its own so.
    """
    if frame.message is not None:
        return f"id: {frame.number}\ndata: {frame.text}\n\n"
    return f"event: {'problem' if frame.type == 'error' else frame.type}\ndata: {frame.text}\n\n"
