"""Whose pages may open a WebSocket here.

A browser lets any page open a WebSocket to any host, with the visitor's cookies, and says in ``Origin`` whose
page it is (RFC 6455, sections 4.1 and 10.2: it must). So a foreign origin is refused with 403, and so is
``null``, which is a page that hides where it is from.

A program sends no ``Origin``, and is welcome: nobody's page uses it in anybody's name, and it could claim any
origin anyway. But what has no ``Origin`` and yet something that only browsers send is neither: a browser
whose ``Origin`` was lost on the way, perhaps on purpose. It is refused too.
"""

from typing import Any
from urllib.parse import ParseResult, urlparse

from channels.security.websocket import OriginValidator, WebsocketDenier  # type: ignore[import-untyped]
from django.conf import settings

from realtime.consumer import Receive, Send

__all__ = ["OurPages"]

#: What a browser sends with an opening handshake, and a program does not. Cookies are what a foreign page
#: would be after.
OF_BROWSERS = (b"cookie", b"sec-fetch-")


class OurPages(OriginValidator):  # type: ignore[misc] # Channels has no types
    """Channels' ``AllowedHostsOriginValidator``, which also lets in what is no browser."""

    def __init__(self, application: Any) -> None:  # noqa: ANN401 (Channels has no types)
        super().__init__(application, settings.ALLOWED_HOSTS)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Refuse what is half a browser, or says what is no origin; the rest is Channels'."""
        fields = dict(scope["headers"])
        origin = fields.get(b"origin")
        if any(name.startswith(OF_BROWSERS) for name in fields) if origin is None else not is_url(origin):
            await WebsocketDenier()(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def valid_origin(self, parsed_origin: ParseResult | None) -> bool:
        """``Origin: null`` is parsed, has no host, and is refused. None is none."""
        return parsed_origin is None or bool(super().valid_origin(parsed_origin))


def is_url(origin: bytes) -> bool:
    """Whether it can be taken apart: a port is a number, and a bracket has another."""
    try:
        _ = urlparse(origin.decode("latin1")).port
    except ValueError:
        return False
    return True
