"""A browser's tab that remembers what went wrong in it, and whom it asked for something."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page
from wire.tcp import DEADLINE

__all__ = ["DESKTOP", "Tab"]

#: A window of the size that most people have, or more.
DESKTOP = {"width": 1280, "height": 900}


class Tab:
    """A page in a browser context of its own: no cookie, cache or setting of another test's is in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.asked: list[str] = []
        page.on(
            "console", lambda message: self.errors.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))

    @classmethod
    @contextmanager
    def opened(cls, browser: Browser, **options: Any) -> Iterator["Tab"]:
        context = browser.new_context(**options)
        context.set_default_timeout(DEADLINE * 1000)
        try:
            yield cls(context.new_page())
        finally:
            context.close()

    def hosts_asked(self) -> set[str]:
        """Return every host and port that the page wanted something from."""
        return {urlsplit(url).netloc for url in self.asked if urlsplit(url).scheme not in {"data", "blob"}}
