"""The ASGI application: HTTP to Django, WebSockets to Channels, the process' own life to ``lifespan``."""

import os

from channels.routing import ProtocolTypeRouter  # type: ignore[import-untyped]
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")
http = get_asgi_application()  # must come first: it sets Django up, which the imports below need

from realtime.lifespan import lifespan  # noqa: E402
from realtime.origins import OurPages  # noqa: E402
from realtime.routing import websockets  # noqa: E402

__all__ = ["application"]

application = ProtocolTypeRouter({"http": http, "websocket": OurPages(websockets), "lifespan": lifespan})
