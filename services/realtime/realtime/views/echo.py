"""The tutorials' two views, which read as they do there: blocking code that talks over a WebSocket."""

import base64
import hashlib
import re

from django.http import HttpResponse
from django.template.loader import render_to_string

from realtime.dwebsocket import SocketRequest, accept_websocket, require_websocket

__all__ = ["echo", "echo_once"]


@accept_websocket
def echo(request: SocketRequest) -> HttpResponse | None:
    """Over a WebSocket every message goes back; over plain HTTP ``?message=`` does, or there is a page."""
    if not request.is_websocket():
        asked = request.GET.get("message")
        return page() if asked is None else HttpResponse(asked, content_type="text/plain; charset=utf-8")
    for message in request.websocket:
        request.websocket.send(message)
    return None


@require_websocket
def echo_once(request: SocketRequest) -> None:
    """One message goes back; returning closes."""
    message = request.websocket.wait()
    if message is not None:
        request.websocket.send(message)


def page() -> HttpResponse:
    """A page to try both on. It allows its own script and style, by what they are, and nothing else."""
    html = render_to_string("echo.html")
    policy = (
        f"default-src 'none'; script-src {digest('script', html)}; style-src {digest('style', html)}; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HttpResponse(html, headers={"Content-Security-Policy": policy})


def digest(element: str, html: str) -> str:
    """The content of an element, as Content Security Policy names it (CSP Level 3, section 6.7.3)."""
    found = re.search(f"<{element}>(.*?)</{element}>", html, re.DOTALL)
    content = found[1] if found else ""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
