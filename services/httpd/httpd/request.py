"""A request, as a handler sees it.

The rule of this file: what a request says is kept as it arrived; everything that costs is worked out when
somebody asks. Text is Latin-1, one character an octet: only an application can know what the octets of a
path or a field mean.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from serving.protocol import Peer

if TYPE_CHECKING:
    from httpd.connection import Connection

__all__ = ["Request"]

FIELD = re.compile(r"([^:]++):[\t ]*+([^\r]*+)(?:\r\n)?+")

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})

#: Fields of a form that are taken: more is an attack on whoever makes objects of them.
MOST_FORM_FIELDS = 1000


class Request:
    """One request: its head, how its content is framed, and the content itself once it is here."""

    # What most requests have stands here, so that making one costs four assignments.
    minor: int = 1
    authority: str | None = (
        None  # of an absolute-form or authority-form target; it beats Host (RFC 9112 section 3.2.2)
    )
    scheme: str = "http"
    asterisk: bool = False
    length: int = 0  # in octets, or framing.CHUNKED
    keep_alive: bool = True
    may_persist: bool = True  # nobody has said close
    expects_continue: bool = False
    content: bytes | None = b""  # None: it is still on its way
    parameters: Mapping[str, str] = NO_PARAMETERS  # what a route took from the path
    peer: Peer  # who sent it: its address, and the connection's way to wait for more
    connection: "Connection"  # that it came by: its way to send ahead

    def __init__(self, method: str, path: str, query: str | None, field_lines: str) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.field_lines = field_lines  # with CRLF between them, as they arrived

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.target}>"

    @cached_property
    def target(self) -> str:
        """The request-target.

        An origin-form is put together again; the others are kept whole by the reader.
        """
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @cached_property
    def head(self) -> bytes:
        """The head as it arrived, octet for octet: the grammar leaves one way only to write it."""
        lines = f"{self.field_lines}\r\n" if self.field_lines else ""
        return f"{self.method} {self.target} HTTP/1.{self.minor}\r\n{lines}\r\n".encode("latin-1")

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """Name and value of each field line, in order, as spelled; white space around a value is gone."""
        return [(name, value.rstrip("\t ")) for name, value in FIELD.findall(self.field_lines)]

    @cached_property
    def field_values(self) -> dict[str, str]:
        """Values by name in lower case.

        Repeated lines are one list (RFC 9110 section 5.3), Cookie with its own separator.
        """
        values: dict[str, str] = {}
        for spelled, value in self.fields:
            name = spelled.lower()
            if name in values:
                values[name] += ("; " if name == "cookie" else ", ") + value
            else:
                values[name] = value
        return values

    def field(self, name: str, default: str = "") -> str:
        """Return the value of the field ``name`` (in lower case)."""
        return self.field_values.get(name, default)

    @cached_property
    def path_text(self) -> str:
        """The path with its percent-encodings undone, read as UTF-8."""
        return unquote(self.path, encoding="utf-8", errors="replace") if "%" in self.path else self.path

    @cached_property
    def query_values(self) -> dict[str, list[str]]:
        """The fields of the query, each with all of its values in order."""
        return parse_form(self.query or "")

    @cached_property
    def form_values(self) -> dict[str, list[str]]:
        """The fields of an urlencoded content, each with all of its values in order."""
        return parse_form((self.content or b"").decode("latin-1"))

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies by name.

        Of two with one name the first counts: it is the one with the longer path (RFC 6265 section 5.4).
        """
        cookies: dict[str, str] = {}
        for pair in self.field("cookie").split(";"):
            name, equals, value = pair.strip("\t ").partition("=")
            if equals:
                cookies.setdefault(name, value)
        return cookies


def parse_form(text: str) -> dict[str, list[str]]:
    """Parse ``a=1&b=2`` as browsers write it:

    UTF-8, percent-encoded, a plus for a space. Raises ``ValueError`` past the limit.
    """
    return parse_qs(
        text, keep_blank_values=True, encoding="utf-8", errors="replace", max_num_fields=MOST_FORM_FIELDS
    )
