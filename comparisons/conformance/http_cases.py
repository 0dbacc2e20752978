"""Delicate requests, and every answer to them that RFC 9112 and RFC 9110 allow.

A case is a function that talks over a connection of its own and raises `Wrong` for what the standard rules
out. Where the standard leaves a choice, each choice passes: to refuse and to make sense of it, to close and
to go on. Most of the requests are followed by one more, so that it is seen where the server thinks that the
first one ended: whoever is of another opinion than a proxy in front of it lets requests be smuggled past
that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from comparisons.conformance.replies import Reply, read
from comparisons.conformance.verdict import PATIENCE, Verdict, Wrong, judge
from comparisons.conformance.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CASES", "HTTP_CASES", "check_http"]

HOST: Final = b"Host: localhost\r\n"
"""A name that every service of the stack answers to, whatever address it is reached by."""

CLOSE: Final = b"Connection: close\r\n"

SECONDS: Final = 1.0
"""For each case. Who answers at all answers at once; who waits for more than there is, waits for ever."""

LONG: Final = 200_000
"""Octets: more than anybody wishes to parse in a request-line, and than most do in a field."""


@dataclass(frozen=True, slots=True)
class Server:
    """Who is asked, and where it says hello and echoes."""

    address: tuple[str, int]
    path: str
    echo: str
    seconds: float = SECONDS

    def connect(self) -> Wire:
        """A connection. Raises Wrong."""
        return Wire(self.address, self.seconds)

    def get(self, lines: bytes = HOST, *, target: str = "", version: bytes = b"1.1") -> bytes:
        """A GET with these field lines."""
        return b"GET %s HTTP/%s\r\n%s\r\n" % ((target or self.path).encode(), version, lines)

    def post(self, lines: bytes, content: bytes) -> bytes:
        """A POST to the echo, with these field lines besides Host."""
        return b"POST %s HTTP/1.1\r\n%s%s\r\n%s" % (self.echo.encode(), HOST, lines, content)

    def ask(self, octets: bytes, *methods: str) -> tuple[list[Reply], bool]:
        """Send this; gives the responses until the end, and whether the server has closed. Raises Wrong."""
        with self.connect() as wire:
            wire.send(octets)
            received = wire.receive()
            return read(received, methods, ended=wire.ended), wire.ended

    @property
    def last(self) -> bytes:
        """A good request, after which the server closes."""
        return self.get(HOST + CLOSE)


Case = tuple[str, "Callable[[Server], None]"]


def said(replies: list[Reply], *, closed: bool) -> str:
    """What happened, in words."""
    words = ", then ".join(str(reply.status) for reply in replies) or "no answer"
    return f"{words}, {'closed' if closed else 'still open'}"


def require(good: bool, replies: list[Reply], closed: bool) -> None:
    """Raise Wrong with what happened unless it was good."""
    if not good:
        raise Wrong(said(replies, closed=closed))


def refuses(
    octets: Callable[[Server], bytes], *statuses: int, closes: bool = False
) -> Callable[[Server], None]:
    """A case in which nothing but these answers will do."""

    def case(server: Server) -> None:
        replies, closed = server.ask(octets(server))
        first = replies[0].status if replies else 0
        require(first in statuses and (closed or not closes), replies, closed)

    return case


# --- what a server must be able to do ---------------------------------------------------------------------


def plain(server: Server) -> None:
    """A well-formed request: without an answer to this one nothing else says anything."""
    replies, closed = server.ask(server.last)
    require([reply.status for reply in replies] == [200], replies, closed)


def echoes(server: Server) -> bool:
    """Whether there is an echo at all."""
    try:
        replies, _ = server.ask(server.post(CLOSE + b"Content-Length: 5\r\n", b"hello"))
    except Wrong:
        return True  # and what is wrong with it, is seen below
    return not replies or replies[0].status not in (404, 405)


def chunked(server: Server) -> None:
    """A recipient must be able to decode chunks; but a server may insist on a length (411)."""
    octets = server.post(CLOSE + b"Transfer-Encoding: chunked\r\n", b"3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
    replies, closed = server.ask(octets)
    if len(replies) == 1 and replies[0].status == 200 and replies[0].content != b"hello":
        raise Wrong(f"200, and {(replies[0].content or b'')[:20]!r} for b'hello'")
    require(len(replies) == 1 and replies[0].status in (200, 411), replies, closed)


def absolute(server: Server) -> None:
    """A server must accept the absolute-form, which is what a proxy gets."""
    replies, closed = server.ask(server.get(HOST + CLOSE, target=f"http://localhost{server.path}"))
    require([reply.status for reply in replies] == [200], replies, closed)


def head(server: Server) -> None:
    """No content, although its length may stand there: what follows is the next answer."""
    octets = b"HEAD %s HTTP/1.1\r\n%s\r\n" % (server.path.encode(), HOST)
    replies, closed = server.ask(octets + server.last, "HEAD")
    require(bool(replies) and replies[0].status in (200, 405, 501), replies, closed)


def pipelined(server: Server) -> None:
    """Two requests at once have two answers; who does not want to go on says so with the first."""
    replies, closed = server.ask(server.get() + server.last)
    statuses = [reply.status for reply in replies]
    require(statuses == [200, 200] or (statuses == [200] and not persists(replies[0])), replies, closed)


def persists(reply: Reply) -> bool:
    """Whether this answer lets the connection go on (RFC 9112, section 9.3)."""
    if reply.has("connection", "close"):
        return False
    return reply.version != "1.0" or reply.has("connection", "keep-alive")


def expects(server: Server) -> None:
    """Who waits for 100 gets that, or a final answer, at once."""
    with server.connect() as wire:
        wire.send(server.post(CLOSE + b"Content-Length: 5\r\nExpect: 100-continue\r\n", b""))
        first = read(wire.receive(lambda octets: b"\r\n\r\n" in octets), ended=wire.ended)
        if not first:
            raise Wrong("neither 100 nor a final answer: it waits for content that waits for it")
        if first[0].status != 100:
            return
        wire.send(b"hello")
        replies = read(wire.receive(), ended=wire.ended)[1:]
        require([(each.status, each.content) for each in replies] == [(200, b"hello")], replies, wire.ended)


def closes(server: Server) -> None:
    """Who was asked to close closes, after the answer."""
    replies, closed = server.ask(server.last)
    require(bool(replies) and closed, replies, closed)


def old(server: Server) -> None:
    """A client of HTTP/1.0 gets no chunks, and a connection that ends with the answer."""
    replies, closed = server.ask(server.get(version=b"1.0"))
    if replies and replies[0].field("transfer-encoding"):
        raise Wrong("chunks, which HTTP/1.0 does not know")
    require(len(replies) == 1 and replies[0].status == 200 and closed, replies, closed)


# --- what a server must not make sense of, or only in one way ---------------------------------------------


def one_line(end: bytes) -> Callable[[Server], None]:
    """Refused, or one field with something in its value; and never two fields.

    Read as a second one it is a length, and the request that follows would be content.
    """

    def case(server: Server) -> None:
        octets = server.get(HOST + b"X-Long: a" + end + b"Content-Length: %d\r\n" % len(server.last))
        replies, closed = server.ask(octets + server.last)
        statuses = [reply.status for reply in replies]
        refused = bool(statuses) and statuses[0] == 400
        went_on = statuses == [200, 200] or (statuses == [200] and not persists(replies[0]))
        require(refused or went_on, replies, closed)

    return case


def bare_line_feeds(server: Server) -> None:
    """A server may take LF for CR LF, and may refuse it. It does not fall silent, nor over."""
    octets = server.last.replace(b"\r\n", b"\n", 2) + b"\r\n"
    replies, closed = server.ask(octets)
    require(bool(replies) and replies[0].status in (200, 400), replies, closed)


def framed_twice(fields: bytes) -> Callable[[Server], None]:
    """Any answer, and then the end: what comes after such a request may be anybody's."""

    def case(server: Server) -> None:
        replies, closed = server.ask(server.post(fields, b"0\r\n\r\n") + server.get())
        require(
            bool(replies) and closed and sum(each.status >= 200 for each in replies) == 1, replies, closed
        )

    return case


def old_chunks(server: Server) -> None:
    """HTTP/1.0 has no chunks, so the framing is faulty: any answer, and then the end."""
    octets = server.post(b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")
    replies, closed = server.ask(octets.replace(b"HTTP/1.1", b"HTTP/1.0", 1) + server.get())
    require(bool(replies) and closed and sum(each.status >= 200 for each in replies) == 1, replies, closed)


def bad_chunk(server: Server) -> None:
    """What is no chunk is no content: not echoed, and what follows it is no request."""
    octets = server.post(b"Transfer-Encoding: chunked\r\n", b"0x5\r\nhello\r\n0\r\n\r\n") + server.get()
    replies, closed = server.ask(octets)
    require(closed and all(reply.status // 100 in (1, 4, 5) for reply in replies), replies, closed)


def large(octets: Callable[[Server], bytes], *statuses: int) -> Callable[[Server], None]:
    """Taken, or refused with the status that says what was too long."""

    def case(server: Server) -> None:
        replies, closed = server.ask(octets(server))
        require(bool(replies) and replies[0].status in statuses, replies, closed)

    return case


CLIENT_ERRORS: Final = tuple(range(400, 452))

CASES: Final[tuple[Case, ...]] = (
    ("absolute-form (9112, 3.2.2)", absolute),
    ("HEAD without content (9110, 9.3.2)", head),
    ("two requests at once (9112, 9.3)", pipelined),
    ("closes when asked to (9112, 9.6)", closes),
    ("HTTP/1.0 (9112, 9.3)", old),
    ("no Host (9112, 3.2)", refuses(lambda on: on.get(CLOSE), 400)),
    ("two Hosts (9112, 3.2)", refuses(lambda on: on.get(HOST + HOST + CLOSE), 400)),
    ("NUL in Host (9110, 5.5)", refuses(lambda on: on.get(b"Host: local\0host\r\n" + CLOSE), 400)),
    ("space before a colon (9112, 5.1)", refuses(lambda on: on.get(HOST + CLOSE + b"X-Space : a\r\n"), 400)),
    ("folded field line (9112, 5.2)", one_line(b"\r\n ")),
    ("bare CR in a field (9112, 2.2)", one_line(b"\r")),
    ("bare LF (9112, 2.2)", bare_line_feeds),
    (
        "method that is no token (9112, 3)",
        refuses(lambda on: on.last.replace(b"GET", b"G(T", 1), *CLIENT_ERRORS, 501),
    ),
    ("HTTP/2.0 in text (9110, 15.6.6)", refuses(lambda on: on.get(HOST + CLOSE, version=b"2.0"), 400, 505)),
    (
        "long request-target (9112, 3)",
        large(lambda on: on.get(HOST + CLOSE, target=f"{on.path}?{'a' * LONG}"), 200, 404, 414),
    ),
    (
        "long field (9110, 5.4)",
        large(lambda on: on.get(HOST + CLOSE + b"X-Long: " + b"a" * LONG + b"\r\n"), 200, *CLIENT_ERRORS),
    ),
    (
        "unequal lengths (9112, 6.3)",
        refuses(
            lambda on: on.post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"hello!"), 400, closes=True
        ),
    ),
    (
        "length that is no number (9112, 6.3)",
        refuses(lambda on: on.post(b"Content-Length: +5\r\n", b"hello"), 400, closes=True),
    ),
)
"""For every server: what each must and may answer is in the functions."""

WITH_CONTENT: Final[tuple[Case, ...]] = (
    ("content in chunks (9112, 7.1)", chunked),
    ("Expect: 100-continue (9110, 10.1.1)", expects),
    (
        "length and chunks (9112, 6.1)",
        framed_twice(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
    ),
    ("chunks in HTTP/1.0 (9112, 6.1)", old_chunks),
    (
        "chunked not last (9112, 6.3)",
        refuses(
            lambda on: on.post(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n"), 400, 501, closes=True
        ),
    ),
    ("what is no chunk (9112, 2.2)", bad_chunk),
)
"""For those that echo what they are sent."""

CONTROLS: Final[tuple[Case, ...]] = (("a plain request", plain),)

HTTP_CASES: Final = (*CASES, *WITH_CONTENT)


def check_http(
    address: tuple[str, int],
    *,
    path: str = "/hello/",
    echo: str = "/echo",
    seconds: float = SECONDS,
    patience: float = PATIENCE,
) -> Verdict:
    """Ask a server all of it. `path` answers GET with 200; `echo`, if there is one, POST with its content."""
    server = Server((address[0], address[1]), path, echo, seconds)
    patient = replace(server, seconds=max(seconds, patience))
    if failures := judge(CONTROLS, patient).failures:
        return Verdict(0, len(HTTP_CASES), failures)  # of who refuses everything, a refusal says nothing
    return judge(HTTP_CASES if echoes(patient) else CASES, server)
