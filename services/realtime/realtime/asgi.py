"""The ASGI application: HTTP to Django, WebSockets to Channels, the process' own life to ``lifespan``."""

import os

import django
from channels.routing import ProtocolTypeRouter  # type: ignore[import-untyped]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")
django.setup(set_prefix=False)  # must come first: the imports below need it

from realtime.handler import Handler  # noqa: E402
from realtime.lifespan import lifespan  # noqa: E402
from realtime.origins import OurPages  # noqa: E402
from realtime.routing import websockets  # noqa: E402

__all__ = ["application"]

application = ProtocolTypeRouter({"http": Handler(), "websocket": OurPages(websockets), "lifespan": lifespan})
