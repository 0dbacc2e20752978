"""The consumer that calls a Django view for an opening handshake, and carries its messages."""

import asyncio
import threading
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from realtime.consumer import NotFound, Receive, Send, SocketConsumer, refuse
from realtime.counters import counters
from realtime.dwebsocket.decorators import accepts_websocket
from realtime.dwebsocket.request import SocketRequest
from realtime.dwebsocket.websocket import WebSocket

__all__ = ["ViewConsumer"]

Done = asyncio.Future[HttpResponseBase]


class Handler(BaseHandler):
    """Django's middleware and URL resolution around a view, in the view's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)


class ViewConsumer(SocketConsumer):
    """Finds the view, gives it a thread, and moves messages between the two."""

    handler: Handler | None = None  # made at the first handshake, as Django must have been set up

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Refuse what no view wants or has space for; otherwise call it."""
        try:
            view = resolve(scope["path"]).func
        except Resolver404:
            await NotFound()(scope, receive, send)
            return
        counters.requests += 1
        await receive()  # websocket.connect
        if not (accepts_websocket(view) or settings.WEBSOCKET_ACCEPT_ALL):
            await refuse(send, 400, "There is no WebSocket here; ask with plain HTTP.")
        elif counters.views >= settings.WEBSOCKET_VIEWS or counters.connections >= settings.CONNECTIONS:
            counters.refused += 1
            await refuse(
                send, 503, f"All {settings.WEBSOCKET_VIEWS} threads of this kind are in use; try again later."
            )
        else:
            with counters.held("websockets"), counters.held("views"):
                await self.call(scope, receive, send)

    async def call(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Run the view in a thread, and bring it what the client says for as long as it runs."""
        loop = asyncio.get_running_loop()
        websocket = WebSocket(send, loop)
        request = SocketRequest(scope, websocket)
        done: Done = loop.create_future()
        # A daemon: a view that does not end when its connection does must not keep the process from ending.
        threading.Thread(target=self.run, args=(request, done, loop), name=scope["path"], daemon=True).start()
        receiving = asyncio.create_task(self.bring(websocket, receive))
        try:
            response = await done
            if not websocket.is_closed():
                await finish(websocket, response, send)
        finally:
            receiving.cancel()
            websocket.ended()

    def run(self, request: SocketRequest, done: Done, loop: asyncio.AbstractEventLoop) -> None:
        """The view's thread. Django turns what a view raises into a response, so there always is one."""
        ViewConsumer.handler = ViewConsumer.handler or Handler()
        response = ViewConsumer.handler.get_response(request)
        response.close()
        with suppress(RuntimeError):  # the loop has ended before the view has
            loop.call_soon_threadsafe(settle, done, response)

    async def bring(self, websocket: WebSocket, receive: Receive) -> None:
        """Hand on what comes, until the client goes."""
        while (event := await receive())["type"] == "websocket.receive":
            counters.received += 1
            text = event.get("text")
            await websocket.arrived(event["bytes"] if text is None else text)
        websocket.ended()


def settle(done: Done, response: HttpResponseBase) -> None:
    """Hand the response over, if somebody still waits for it."""
    if not done.done():
        done.set_result(response)


async def finish(websocket: WebSocket, response: HttpResponseBase, send: Send) -> None:
    """The view has returned: close what it left open, or refuse what it never opened."""
    if response.status_code >= HTTPStatus.BAD_REQUEST and not websocket.accepted:
        await refuse(send, response.status_code, response.reason_phrase)
        return
    if not websocket.accepted:
        await send({"type": "websocket.accept"})
    failed = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    await send({"type": "websocket.close", "code": 1011 if failed else 1000})
