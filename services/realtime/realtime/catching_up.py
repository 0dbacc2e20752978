"""How a new listener gets from the number that it has seen last to where its room is now."""

import asyncio

from rooms import AfterInFuture, Backoff, Unavailable

from realtime import frame
from realtime.hub import Hub
from realtime.listener import Listener

__all__ = ["catch_up"]


async def catch_up(hub: Hub, listener: Listener) -> None:
    """Bring a listener what it has missed, at its own pace; then it is live, with nothing left out and
    nothing twice.

    Between the last look at ``hub.last`` and the joining nothing waits, so nothing falls between them. What
    the hub hears while we read the log is in the log too; what we have read beyond the hub, the listener
    ignores from the hub.
    """
    if not await listener.is_in():
        listener.put(frame.error(Unavailable("The rooms' Redis does not answer; you are in when it does.")))
        await asyncio.wait({hub.opened})
    listener.put(frame.welcome(hub.room, hub.last, hub.presence.names))
    if listener.from_now:
        listener.seen = hub.opened.result()
    backoff = Backoff()
    while listener.seen != hub.last and await bring_page(hub, listener, backoff):
        pass
    if not listener.ended:
        hub.live.add(listener)


async def bring_page(hub: Hub, listener: Listener, backoff: Backoff) -> bool:
    """Bring a page from the log, or say why not. False: the listener has everything, or has ended."""
    if listener.ended:
        return False
    try:
        page = await hub.log.history(hub.room, listener.seen)
    except Unavailable as error:
        if backoff.fresh:
            listener.put(frame.error(error))
        await asyncio.sleep(backoff.delay())
        return True
    except AfterInFuture as error:
        listener.put(frame.error(error))
        listener.seen = error.last
        return True
    backoff.reset()
    if page.missed:
        listener.put(frame.missed(listener.seen + 1, page.oldest - 1))
    for message in page.messages:
        await listener.space()
        listener.hear(frame.message(message))
    return bool(page.messages)
