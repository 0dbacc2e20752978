"""What every server serves in ``benchmarks.httpd``: hello and echo, with nothing around them."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

__all__ = ["asgi", "wsgi"]

HELLO = b"Hello, World! This is an HTTP response."
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", str(len(HELLO)))]
RAW_HEADERS = [(b"content-type", b"text/plain"), (b"content-length", str(len(HELLO)).encode())]


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:  # noqa: ARG001
    """Hello, after PEP 3333."""
    start_response("200 OK", HEADERS)
    return [HELLO]


Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def asgi(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Hello, or for POST echo, after ASGI."""
    content, headers = HELLO, RAW_HEADERS
    if scope["method"] == "POST":
        content = b""
        more = True
        while more:
            message = await receive()
            content += message.get("body", b"")
            more = message.get("more_body", False)
        headers = [
            (b"content-type", b"application/octet-stream"),
            (b"content-length", str(len(content)).encode()),
        ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})
