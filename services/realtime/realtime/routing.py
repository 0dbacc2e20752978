"""Which consumer answers which WebSocket."""

from channels.routing import URLRouter  # type: ignore[import-untyped]
from django.urls import path, re_path

from realtime.dwebsocket.consumer import ViewConsumer
from realtime.echo import Echo, EchoOnce
from realtime.room import Room

__all__ = ["websockets"]

websockets = URLRouter(
    [
        path("ws/echo", Echo.as_asgi()),
        path("ws/echo-once", EchoOnce.as_asgi()),
        path("ws/rooms/<str:room>", Room.as_asgi()),
        re_path("", ViewConsumer.as_asgi()),  # any other path: a view of Django's, or nothing
    ]
)
