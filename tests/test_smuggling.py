"""Request smuggling, tried through the stack's own nginx on each service behind it.

Each family is one that was found in somebody's servers and made public. The message carries a second request
inside of what one reading of the standard takes for content. If two servers of the chain read it differently,
the second one is answered, or waits in front of somebody else's request: so nobody may hear its answer, and
whoever asks next gets their own.
"""

from contextlib import ExitStack, suppress

import pytest
from wire.http import fetch
from wire.tcp import connected, receive_until_closed

CANARY = b"smuggled-canary"


def posted(prefix):
    """A request that would echo the canary, of a service that echoes content."""
    size = str(len(CANARY)).encode()
    return (
        b"POST "
        + prefix
        + b"/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + size
        + b"\r\n\r\n"
        + CANARY
    )


#: By service: where the outer request goes, the request inside, and what is asked afterwards with its answer.
SERVICES = {
    "web": (b"/hello/", posted(b""), "/hello/", "Hello, World!"),
    "httpd": (b"/httpd/hello", posted(b"/httpd"), "/httpd/hello", "Hello, World!"),
    "httpd-wsgi": (b"/httpd-wsgi/hello", posted(b"/httpd-wsgi"), "/httpd-wsgi/hello", "Hello, World!"),
    "realtime": (
        b"/rooms/smuggling/wait",
        b"GET /echo?message=" + CANARY + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "/echo?message=another",
        "another",
    ),
}


def lengths(*fields, before=b""):
    """Content that ends at once for who reads chunks, and at its last byte for who reads Content-Length."""

    def message(target, inside):
        content = b"0\r\n\r\n" + inside
        lines = [line.replace(b"LENGTH", str(len(content)).encode()) for line in fields]
        return (
            b"POST "
            + target
            + b" HTTP/1.1\r\nHost: localhost\r\n"
            + before
            + b"".join(lines)
            + b"\r\n"
            + content
        )

    return message


def chunks(*fields, head=b"%x\r\n", tail=b"\r\n0\r\n\r\n"):
    """A chunk around the request inside; who reads Content-Length takes its size line only."""

    def message(target, inside):
        return (
            b"POST " + target + b" HTTP/1.1\r\nHost: localhost\r\n" + b"".join(fields) + b"\r\n"
            + (head % len(inside) if b"%" in head else head) + inside + tail
        )  # fmt: skip

    return message


LENGTH = b"Content-Length: LENGTH\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"

FAMILIES = {
    "CL.TE": lengths(LENGTH, CHUNKED),
    "TE.CL": chunks(b"Content-Length: 4\r\n", CHUNKED),
    "CL.0": lengths(LENGTH),
    "CL.0 with GET": lambda target, inside: lengths(LENGTH)(target, inside).replace(b"POST", b"GET", 1),
    "TE.TE, a word before": lengths(LENGTH, b"Transfer-Encoding: xchunked\r\n"),
    "TE.TE, twice": lengths(LENGTH, CHUNKED, b"Transfer-Encoding: identity\r\n"),
    "TE.TE, a list": lengths(LENGTH, b"Transfer-Encoding: identity, chunked\r\n"),
    "TE.TE, chunked first": lengths(LENGTH, b"Transfer-Encoding: chunked, identity\r\n"),
    "TE.TE, a blank before the colon": lengths(LENGTH, b"Transfer-Encoding : chunked\r\n"),
    "TE.TE, a tab": lengths(LENGTH, b"Transfer-Encoding:\tchunked\r\n"),
    "TE.TE, a vertical tab": lengths(LENGTH, b"Transfer-Encoding: \x0bchunked\r\n"),
    "TE.TE, a NUL": lengths(LENGTH, b"Transfer-Encoding: chunked\x00\r\n"),
    "TE.TE, an 0xFF": lengths(LENGTH, b"Transfer-Encoding: chunked\xff\r\n"),
    "TE.TE, quoted": lengths(LENGTH, b'Transfer-Encoding: "chunked"\r\n'),
    "TE.TE, folded": lengths(LENGTH, b"Transfer-Encoding:\r\n chunked\r\n"),
    "TE.TE, underscored": lengths(LENGTH, b"Transfer_Encoding: chunked\r\n"),
    "TE.TE, a bare LF before": lengths(LENGTH, b"X: y\nTransfer-Encoding: chunked\r\n"),
    "TE.TE, a bare CR before": lengths(LENGTH, b"X: y\rTransfer-Encoding: chunked\r\n"),
    "TE.TE, a parameter": lengths(LENGTH, b"Transfer-Encoding: chunked;q=1\r\n"),
    "TE.TE, after a blank": lengths(LENGTH, b" Transfer-Encoding: chunked\r\n"),
    "CL.CL": lengths(b"Content-Length: 5\r\n", LENGTH),
    "CL, a list": lengths(b"Content-Length: 5, LENGTH\r\n"),
    "CL, a sign": lengths(b"Content-Length: +5\r\n"),
    "CL, in hex": lengths(b"Content-Length: 0x5\r\n"),
    "CL, two numbers": lengths(b"Content-Length: 5 5\r\n"),
    "CL, an underscore": lengths(b"Content-Length: 5_0\r\n"),
    "CL, too large": lengths(b"Content-Length: 18446744073709551621\r\n"),
    "CL, negative": lengths(b"Content-Length: -1\r\n"),
    "HTTP/1.0 with TE": lambda target, inside: (
        lengths(LENGTH, CHUNKED)(target, inside).replace(b"1.1", b"1.0", 1)
    ),
    "0.CL, Expect": lengths(b"Expect: 100-continue\r\n", LENGTH),
    "0.CL, Expect of nobody's": lengths(b"Expect: y 100-continue\r\n", LENGTH),
    "TERM.EXT: LF in an extension": chunks(CHUNKED, head=b"%x;a\nb\r\n"),
    "EXT.TERM: CR in an extension": chunks(CHUNKED, head=b"%x;a\rb\r\n"),
    "TERM.SPILL: no line end after a chunk": chunks(CHUNKED, head=b"%x\r\n", tail=b"XX0\r\n\r\n"),
    "SPILL.TERM: a chunk that is longer than it says": chunks(CHUNKED, head=b"5\r\n"),
    "a chunk's size in hex": chunks(CHUNKED, head=b"0x%x\r\n"),
    "a chunk's size with a blank": chunks(CHUNKED, head=b" %x\r\n"),
    "a chunk's size with a sign": chunks(CHUNKED, head=b"+%x\r\n"),
    "a chunk's size that is negative": chunks(CHUNKED, head=b"-1\r\n"),
    "a chunk's size that overflows": chunks(CHUNKED, head=b"10000000000000005\r\n"),
    "a chunk's size line with a bare LF": chunks(CHUNKED, head=b"%x\n"),
    "a length in the trailer section": chunks(CHUNKED, tail=b"\r\n0\r\nContent-Length: 50\r\n\r\n"),
    "an upgrade": lengths(b"Connection: Upgrade, Content-Length\r\nUpgrade: h2c\r\n", LENGTH),
    "a hop of our own taken away": lengths(b"Connection: Content-Length\r\n", LENGTH),
    "two hosts": lengths(LENGTH, before=b"Host: evil.example\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_inside_is_nobodys_request(site, family):
    with ExitStack() as stack:
        attackers = {}
        for service, (target, inside, *_) in SERVICES.items():
            sock = attackers[service] = stack.enter_context(connected((site.host, site.port)))
            sock.sendall(FAMILIES[family](target, inside))
        # Whoever asks next, on whichever of nginx's connections that is, gets what they have asked for.
        for *_, path, answer in [*SERVICES.values()] * 2:
            response = fetch(site, path)
            assert (response.status, answer in response.text) == (200, True), response.text
        for service, sock in attackers.items():
            heard = what_is_there(sock)
            assert CANARY not in heard, service
            assert heard.count(b"HTTP/1.1 ") <= 2, service  # its own answer, and perhaps 100 before it


def what_is_there(sock):
    """What has come by now. Some wait for more of their content and are told nothing."""
    pieces = []
    sock.settimeout(0.05)
    with suppress(TimeoutError, ConnectionError):
        while piece := sock.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def test_a_second_request_is_answered_where_it_is_one(site):
    """The canary is seen where it should be, or the tests above would prove nothing."""
    for target, inside, *_ in SERVICES.values():
        with connected((site.host, site.port)) as sock:
            sock.sendall(
                b"GET /hello/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
                + inside.replace(b"Host: localhost", b"Host: localhost\r\nConnection: close")
            )
            assert CANARY in receive_until_closed(sock), target
