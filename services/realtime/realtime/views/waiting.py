"""A room over long polling: the answer waits until there is something to say."""

import asyncio
from contextlib import suppress

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET
from rooms import Message, Page, RoomError
from rooms.names import after_number, room_name, whole_number

from realtime.counters import counters
from realtime.hubs import Hubs
from realtime.listener import Listener, Stopping
from realtime.space import require_space
from realtime.views.answer import NO_STORE, refusal

__all__ = ["wait"]

#: How many seconds an answer waits unless the client asks for less or more. Below the half minute after which
#: some of what stands between a client and us gives a silent connection up.
WAIT_SECONDS = 25
WAIT_SECONDS_MOST = 300


@require_GET
async def wait(request: HttpRequest, room: str) -> JsonResponse:
    """``GET /rooms/<room>/wait?after=N&timeout=S``: as soon as something follows N, that; an empty page after
    S seconds.

    Without ``after`` it waits for the next message. Who goes on asks for what follows the last message it has
    got.
    """
    hubs: Hubs = request.scope["state"]["hubs"]  # type: ignore[attr-defined] # an ASGIRequest has one
    try:
        timeout = whole_number("timeout", request.GET.get("timeout", WAIT_SECONDS), 0, WAIT_SECONDS_MOST)
        room, given = room_name(room), request.GET.get("after")
        after = await hubs.log.end(room) if given is None else after_number(given)
        page = await hubs.log.history(room, after)
        if not page.messages:
            require_space()
            page = await next_page(hubs, room, after, timeout)
    except RoomError as error:
        return refusal(error)
    return JsonResponse(page.as_json(), headers=NO_STORE)


async def next_page(hubs: Hubs, room: str, after: int, seconds: float) -> Page:
    """Wait for the first message that follows ``after``, and take those that came with it."""
    messages: list[Message] = []
    with counters.held("waits"), hubs.listening(room, after) as listener, suppress(TimeoutError, Stopping):
        async with asyncio.timeout(seconds):
            messages = await first_messages(listener)
    if not messages:
        return Page([], after, missed=0)
    # None is missed, unless in the moment before we listened the room moved on by more than it remembers.
    return Page(messages, messages[-1].number, missed=max(0, messages[0].number - 1 - after))


async def first_messages(listener: Listener) -> list[Message]:
    """The first message and those that wait behind it. Nothing else is for long polling."""
    while await listener.ready():
        if messages := [frame.message for frame in listener.waiting() if frame.message]:
            return messages
    return []
