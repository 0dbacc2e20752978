"""The WSGI lab's application: the same few lines under every server, and a note of what each handed to it.

The note goes to standard output, one line of JSON a request, so that the response stays an ordinary one.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["application"]

Environ = dict[str, Any]


def application(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
    content = environ["wsgi.input"].read(readable(environ))
    note(environ, content)
    answer = f"{environ['REQUEST_METHOD']} brought {len(content)} bytes.\n".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]


def readable(environ: Environ) -> int:
    """Return how much of the content may be read without waiting for bytes that never come; -1 is all."""
    if environ.get("wsgi.input_terminated"):
        return -1
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def note(environ: Environ, content: bytes) -> None:
    """Write down the environ, and what was read."""
    line = {
        "environ": {name: spelled(value) for name, value in environ.items()},
        # Where a server mixes the two, what comes from its own process is not the request's.
        "process": [name for name in environ if environ[name] == os.environ.get(name, object())],
        "content": content.decode("latin-1"),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def spelled(value: object) -> str:
    """Return a value as Python writes it, or where it has no such form, the name of what it is."""
    if isinstance(value, str | bool | int | tuple):
        return repr(value)
    named = value if isinstance(value, type) or callable(value) else type(value)
    module, name = getattr(named, "__module__", ""), getattr(named, "__qualname__", type(value).__name__)
    return f"<{module}.{name}>"
