"""Whose pages may open a WebSocket here.

A browser lets any page open a WebSocket to any host, with the visitor's cookies, and says in ``Origin`` whose
page it is (RFC 6455, section 10.2). So a foreign origin is refused with 403. A client without one is no
browser: nobody's page uses it in anybody's name, and it could claim any origin anyway.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import ParseResult

from channels.security.websocket import OriginValidator  # type: ignore[import-untyped]
from django.conf import settings

__all__ = ["OurPages"]


class OurPages(OriginValidator):  # type: ignore[misc] # Channels has no types
    """Channels' ``AllowedHostsOriginValidator``, which also lets in what is no browser."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        super().__init__(application, settings.ALLOWED_HOSTS)

    def valid_origin(self, parsed_origin: ParseResult | None) -> bool:
        """``Origin: null`` is parsed, has no host, and is refused: a page that hides where it is from."""
        return parsed_origin is None or bool(super().valid_origin(parsed_origin))
