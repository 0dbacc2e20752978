"""Which views talk over WebSockets."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase

from realtime.dwebsocket.websocket import WebSocket

__all__ = ["accept_websocket", "accepts_websocket", "require_websocket"]

View = Callable[..., HttpResponseBase | None]
DjangoView = Callable[..., HttpResponseBase]


def accept_websocket(view: View) -> DjangoView:
    """Let a view be called for an opening handshake as well as for a plain request."""

    @wraps(view)
    def accepting(request: HttpRequest, *arguments: Any, **keywords: Any) -> HttpResponseBase:  # noqa: ANN401
        websocket = websocket_of(request)
        if websocket is not None:
            websocket.accept()
        elif getattr(view, "require_websocket", False):
            return HttpResponseBadRequest()
        response = view(request, *arguments, **keywords)
        return (
            HttpResponse()
            if response is None and websocket is not None
            else cast("HttpResponseBase", response)
        )

    accepting.accept_websocket = True  # type: ignore[attr-defined] # a mark, by which the consumer knows the view
    return accepting


def require_websocket(view: View) -> DjangoView:
    """Let a view be called for an opening handshake only; a plain request gets 400."""
    view.require_websocket = True  # type: ignore[attr-defined] # a mark for the wrapper
    return accept_websocket(view)


def accepts_websocket(view: Callable[..., object]) -> bool:
    """Whether a view has been decorated so."""
    return getattr(view, "accept_websocket", False)


def websocket_of(request: HttpRequest) -> WebSocket | None:
    """The request's WebSocket. A plain request has none, and learns here to say so."""
    if not hasattr(request, "websocket"):
        request.websocket = None  # type: ignore[attr-defined] # the tutorials' name for it
        request.is_websocket = lambda: False  # type: ignore[attr-defined] # likewise
    return cast("WebSocket | None", request.websocket)  # type: ignore[attr-defined]
