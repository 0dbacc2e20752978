"""The labs as a test uses them: where each is, its button, and what comes when it is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["LONG", "RESULTS", "press"]

#: Four interpreters are started for one answer of the WSGI lab, perhaps while another lab has its turn.
LONG = 60_000

#: A lab with something to show: where, the button, and what comes.
RESULTS = {
    "tcp": ("/lab/tcp/?protocol=room", "Connect and send", ".by-hand"),
    "http": ("/lab/http/?show=two-lengths", "Send these bytes", ".outcome .wire"),
    "wsgi": ("/lab/wsgi/?show=twice", "Ask all four", ".environs"),
    "websocket": ("/lab/websocket/?show=1005", "Connect and send", ".bits"),
}


def press(page: Page, button: str, result: str = "#result h2") -> None:
    """Press the lab's button and wait for a new result."""
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=LONG) as response:
        page.get_by_role("button", name=button, exact=True).click()
    response.value.finished()
    page.locator("#result:not([aria-busy])").locator(result.removeprefix("#result ")).first.wait_for()
