"""Django's ASGI handler, without the thread that it starts for each request.

Before a request and after it Django closes database connections and caches, which may wait. So it does that,
and all else that a response's end brings, in a thread, and each request gets one of its own. Here is neither
a database nor a cache: what is left waits for nothing, and is done where it comes up.

A view that is no coroutine still has its thread. So has what Django does about an answer from 400 up, but in
one of the few that the event loop keeps for such things.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.signals import request_started
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

__all__ = ["Handler"]

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Handler(ASGIHandler):
    """One request: its content, its view, its response; or less, where the client goes."""

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Read the request, and answer it for as long as somebody is there."""
        try:
            content = await self.read_body(receive)
        except RequestAborted:
            return
        with content:
            set_script_prefix(get_script_prefix(scope))
            request_started.send(sender=type(self), scope=scope)
            request, refusal = self.create_request(scope, content)
            if request is None:
                await self.finish(cast("HttpResponseBase", refusal), send)
                return
            answering = asyncio.create_task(self.answer(request, send))
            leaving = asyncio.ensure_future(receive())
            leaving.add_done_callback(lambda _: answering.cancel())
            try:
                await answering
            except asyncio.CancelledError:
                if not leaving.done():  # it is us who are to stop
                    raise
            finally:
                leaving.cancel()

    async def answer(self, request: ASGIRequest, send: Send) -> None:
        """Call the view and send what it returns. Cancelled when the client has gone."""
        await self.finish(await self.run_get_response(request), send)

    async def finish(self, response: HttpResponseBase, send: Send) -> None:
        """Send a response, and close it however that ends. This sends ``request_finished`` as well."""
        try:
            await self.send_response(response, send)
        finally:
            response.close()
