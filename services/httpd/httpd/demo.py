"""The ladder's two jobs as a WSGI application:

What any server can serve, and nothing of ours in it but the texts.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = ["application"]

HELLO = b"Hello, World! This is an HTTP response."

PAGE = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>httpd-wsgi \xc2\xb7 Layercake</title></head>
<body><h1>The same server, as a WSGI server</h1>
<p>What answers here is an application after PEP 3333: one call a request.
There are <a href="hello">hello</a>, <a href="environ">environ</a>, <a href="healthz">healthz</a>, and
<code>POST echo</code>.</p> </body></html>
"""

Environ = dict[str, Any]
Answer = tuple[str, str, bytes]  # status, type, content


def hello(environ: Environ) -> Answer:  # noqa: ARG001 - each of these is called alike
    return "200 OK", "text/plain", HELLO


def echo(environ: Environ) -> Answer:
    return "200 OK", "application/octet-stream", environ["wsgi.input"].read()


def start(environ: Environ) -> Answer:  # noqa: ARG001
    return "200 OK", "text/html; charset=utf-8", PAGE


def show_environ(environ: Environ) -> Answer:
    """What the server says about a request."""
    lines = "".join(f"{name}: {environ[name]!r}\n" for name in sorted(environ))
    return "200 OK", "text/plain; charset=utf-8", lines.encode()


def livez(environ: Environ) -> Answer:  # noqa: ARG001
    return "200 OK", "text/plain", b"ok\n"


def healthz(environ: Environ) -> Answer:
    """What the server has counted, if it says so: PEP 3333 lets a server add variables of its own."""
    counts: Callable[[], Mapping[str, int]] = environ.get("httpd.counts", dict)
    return "200 OK", "application/json", json.dumps({"status": "ok", **counts()}).encode()


ROUTES: Mapping[str, tuple[tuple[str, ...], Callable[[Environ], Answer]]] = {
    "/": (("GET", "HEAD"), start),
    "/hello": (("GET", "HEAD"), hello),
    "/echo": (("POST",), echo),
    "/environ": (("GET", "HEAD", "POST"), show_environ),
    "/livez": (("GET", "HEAD"), livez),
    "/healthz": (("GET", "HEAD"), healthz),
}


def application(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer one request."""
    methods, view = ROUTES.get(environ["PATH_INFO"], ((), None))
    if view is None:
        status, kind, content = "404 Not Found", "text/plain", b"There is no such page here.\n"
    elif environ["REQUEST_METHOD"] not in methods:
        status, kind, content = (
            "405 Method Not Allowed",
            "text/plain",
            b"This page does not take that method.\n",
        )
    else:
        status, kind, content = view(environ)
    headers = [("Content-Type", kind), ("Content-Length", str(len(content)))]
    if status.startswith("405"):
        headers.append(("Allow", ", ".join(methods)))
    start_response(status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]
