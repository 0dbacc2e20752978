"""An application that is held up: by a request that waits, and by content that comes slowly.

`/wait?SECONDS` answers after so long, as a long poll to which nothing happens does; `/echo` answers its
content, once it has all of it; everything else is the ladder's hello. The same as a WSGI and as an ASGI
application.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

__all__ = ["asgi", "wsgi"]

HELLO: Final = b"Hello, World! This is an HTTP response."


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Whoever waits here keeps a thread, or a process, for as long."""
    content = HELLO
    if environ["PATH_INFO"] == "/wait":
        time.sleep(float(environ["QUERY_STRING"]))
    elif environ["PATH_INFO"] == "/echo":
        content = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(content)))])
    return [content]


async def asgi(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Whoever waits here keeps a task, which is an object of some kilobytes."""
    if scope["type"] != "http":
        raise ValueError(f"only http is spoken here, and not {scope['type']}")
    content = HELLO
    if scope["path"] == "/wait":
        await asyncio.sleep(float(scope["query_string"]))
    elif scope["path"] == "/echo":
        content = await read(receive)
    fields = [(b"content-type", b"text/plain"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": content})


async def read(receive: Callable[[], Awaitable[dict[str, Any]]]) -> bytes:
    """All of the content, or what came of it until the client went."""
    content = b""
    while (event := await receive())["type"] == "http.request":
        content += event.get("body", b"")
        if not event.get("more_body"):
            break
    return content
