"""Responses, read leniently: what is judged is the server, and not how prettily it answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from comparisons.conformance.verdict import Wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Reply", "read"]

STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3})(?: [^\r\n]*)?\r?\n")

#: RFC 9112, section 2.2: a recipient may take LF for a line's end. Some servers write one by mistake.
LINE_END = re.compile(rb"\r?\n")

HEAD_END = re.compile(rb"\r?\n\r?\n")

CHUNK = re.compile(rb"([0-9A-Fa-f]+)[^\r\n]*\r\n")


class Reply(NamedTuple):
    """One response. Content that is not all there is None."""

    version: str
    status: int
    fields: tuple[tuple[str, str], ...]
    content: bytes | None

    def field(self, name: str) -> str:
        """All values of a field, joined by commas."""
        return ", ".join(value for key, value in self.fields if key == name)

    def has(self, name: str, token: str) -> bool:
        """Whether a list field has this member, in whatever case."""
        return token in [each.strip().lower() for each in self.field(name).split(",")]


def read(octets: bytes, methods: Sequence[str] = (), *, ended: bool = False) -> list[Reply]:
    """The responses to requests with these methods (GET after the last); interim ones too.

    Raises Wrong for what is no HTTP.
    """
    replies: list[Reply] = []
    final = 0
    while octets:
        method = methods[final] if final < len(methods) else "GET"
        found, octets = read_one(octets, method, ended=ended)
        if found is None:
            break
        replies.append(found)
        final += found.status >= 200
        if found.content is None:
            break
    return replies


def read_one(octets: bytes, method: str, *, ended: bool) -> tuple[Reply | None, bytes]:
    """The first response, if its head is there, and what follows it."""
    end = HEAD_END.search(octets)
    line = STATUS_LINE.match(octets)
    if not line:
        if len(octets) < 16 and not ended:
            return None, b""
        raise Wrong(f"answered with what is no HTTP: {octets[:40]!r}")
    if not end:
        return None, b""
    head, rest = octets[: end.start()], octets[end.end() :]
    fields = tuple(
        (name.strip().lower(), value.strip())
        for name, _, value in (each.decode("latin-1").partition(":") for each in LINE_END.split(head)[1:])
    )
    reply = Reply(line[1].decode(), int(line[2]), fields, b"")
    if method == "HEAD" or reply.status < 200 or reply.status in (204, 304):
        return reply, rest
    if reply.has("transfer-encoding", "chunked"):
        content, rest = chunks(rest)
    elif length := re.fullmatch(r"\d+", reply.field("content-length")):
        size = int(length[0])
        content, rest = (rest[:size], rest[size:]) if len(rest) >= size else (None, b"")
    else:
        content, rest = (rest, b"") if ended else (None, b"")
    return reply._replace(content=content), rest


def chunks(octets: bytes) -> tuple[bytes | None, bytes]:
    """Content in chunks, if it is all there, and what follows it. Trailer sections are not expected."""
    content = b""
    while line := CHUNK.match(octets):
        size, octets = int(line[1], 16), octets[line.end() :]
        if size == 0:
            return (content, octets[2:]) if len(octets) >= 2 else (None, b"")
        if len(octets) < size + 2:
            return None, b""
        content, octets = content + octets[:size], octets[size + 2 :]
    return None, b""
