"""What ``benchmarks.realtime`` compares with: Channels as its documentation shows it, on the same server and
Redis.

``AsyncWebsocketConsumer`` for the echo, and for the room the chat of Channels' tutorial: a group, a message
that is sent to it, and every consumer encoding it again for its own client.
"""

import json
import socket
from typing import Any

import django
from django.conf import settings
from realtime import settings as ours

if not settings.configured:
    # Ours, because the server that both run on goes by them; but for what makes the difference.
    settings.configure(
        **{name: getattr(ours, name) for name in dir(ours) if name.isupper()}
        | {
            "INSTALLED_APPS": ["channels"],
            "CHANNEL_LAYERS": {
                "default": {
                    "BACKEND": "channels_redis.core.RedisChannelLayer",
                    "CONFIG": {"hosts": [{"address": ours.REDIS_URL, "socket_timeout": None}]},
                }
            },
        }
    )
    django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # type: ignore[import-untyped]
from channels.routing import ProtocolTypeRouter, URLRouter  # type: ignore[import-untyped]
from channels.security.websocket import AllowedHostsOriginValidator  # type: ignore[import-untyped]
from django.urls import path
from realtime.server import Announcing, configuration

__all__ = ["application"]


class Echo(AsyncWebsocketConsumer):  # type: ignore[misc] # Channels has no types
    """The stock consumer, sending back what came."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Text as text, binary as binary."""
        await self.send(text_data=text_data, bytes_data=bytes_data)


class Chat(AsyncWebsocketConsumer):  # type: ignore[misc] # Channels has no types
    """A room of the tutorial."""

    async def connect(self) -> None:
        """Join the room's group."""
        self.group = f"chat_{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 (Channels calls it with one)
        """Leave the group."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        """Send a client's message to the group."""
        message = json.loads(text_data or "{}")["text"]
        await self.channel_layer.group_send(self.group, {"type": "chat.message", "message": message})

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Send the group's message to the client."""
        await self.send(text_data=json.dumps({"message": event["message"]}))


application = ProtocolTypeRouter(
    {
        "websocket": AllowedHostsOriginValidator(
            URLRouter([path("ws/echo", Echo.as_asgi()), path("ws/rooms/<str:room>", Chat.as_asgi())])
        )
    }
)


def main() -> None:
    """Serve on a free port, with the very server and configuration that ``realtime`` has."""
    config = configuration(workers=1)
    config.app, config.lifespan = application, "off"
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        Announcing(config).run([listener])


if __name__ == "__main__":
    main()
