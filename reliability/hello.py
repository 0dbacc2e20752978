"""What the other servers serve: the smallest application that reads what it is sent, and says hello."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

__all__ = ["asgi", "wsgi"]

Start = Callable[[str, list[tuple[str, str]]], object]

HELLO = b"hello"


def wsgi(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """PEP 3333. What is read is not kept: whoever sends on and on should fill the server, not this."""
    if int(environ.get("CONTENT_LENGTH") or 0) or environ.get("HTTP_TRANSFER_ENCODING"):
        while environ["wsgi.input"].read(65536):
            pass
    start_response("200 OK", [("Content-Length", str(len(HELLO)))])
    return [HELLO]


async def asgi(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """ASGI 3, likewise."""
    if scope["type"] != "http":
        return
    while (message := await receive())["type"] != "http.disconnect" and message.get("more_body", False):
        pass
    head = [(b"content-length", str(len(HELLO)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": HELLO})
