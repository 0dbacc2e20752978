"""A real Chromium, found where this machine has one, started so that it talks to nobody but the stack."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

__all__ = ["chromium"]

#: Besides $CHROMIUM: the names that distributions give it. Without any of them Playwright's own is used, as
#: `playwright install chromium` puts it.
NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # A browser that looks for updates and phones home is neither quick nor alone with the stack.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str | None:
    """Return the browser's path, or None for Playwright's own."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser, and end it with the block."""
    # Chromium's sandbox refuses to work for root, which is who containers and CI machines run as.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=flags)
        try:
            yield browser
        finally:
            browser.close()
