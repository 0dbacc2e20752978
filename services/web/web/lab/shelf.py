"""The HTTP lab's shelf: requests to pick, the well-formed ones and the others."""

from dataclasses import dataclass

__all__ = ["MALFORMED", "SHELF", "WELL_FORMED", "Sample"]


@dataclass(frozen=True)
class Sample:
    """A request to pick. Braces are filled in when it is sent; see `web.lab.request`."""

    slug: str
    title: str
    look: str
    method: str = "GET"
    target: str = "/hello"
    version: str = "HTTP/1.1"
    fields: str = "Host: {host}"
    content: str = ""
    later: bool = False


WELL_FORMED = [
    Sample("get", "GET", "The smallest request there is: three words and a Host."),
    Sample(
        "form",
        "A form, posted",
        "What a browser makes of a form: pairs, percent-encoded, a plus for a space. Only httpd has it.",
        method="POST",
        target="/form",
        fields="Host: {host}\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {length}",
        content="name=Ada+Lovelace&likes=%E2%98%95",
    ),
    Sample(
        "cookies",
        "A cookie, over two requests",
        "The first answer sets a cookie. The second request brings one that nobody signed.",
        target="/visits",
        content="GET {prefix}/visits HTTP/1.1\nHost: {host}\nCookie: visits=41\n\n",
    ),
    Sample(
        "chunked",
        "Content in chunks",
        "Nobody knows the length in advance: each piece says its own, an empty one says that this was all.",
        method="POST",
        target="/echo",
        fields="Host: {host}\nTransfer-Encoding: chunked",
        content="6\nHello,\n7\n chunks\n0\n\n",
    ),
    Sample(
        "pipelined",
        "Three at once",
        "Pipelining: three requests in one breath. The answers must come in the same order.",
        content=(
            "HEAD {prefix}/hello HTTP/1.1\nHost: {host}\n\nGET {prefix}/nowhere HTTP/1.1\nHost: {host}\n\n"
        ),
    ),
    Sample(
        "head",
        "HEAD",
        "The head that GET would have, with its Content-Length, and no content.",
        method="HEAD",
    ),
    Sample(
        "expect",
        "Expect: 100-continue",
        "The client asks before it sends its content, waits a moment for the answer, then sends it anyway.",
        method="POST",
        target="/echo",
        fields="Host: {host}\nExpect: 100-continue\nContent-Length: {length}",
        content="May I?",
        later=True,
    ),
]

MALFORMED = [
    Sample(
        "two-lengths",
        "Two lengths",
        "5 or 6? Whoever guesses differently from the next server sees another request.",
        method="POST",
        target="/echo",
        fields="Host: {host}\nContent-Length: 5\nContent-Length: 6",
        content="hello!",
    ),
    Sample(
        "smuggling",
        "A length and chunks",
        "The classic of request smuggling: by its length this is one request, by its chunks it is two.",
        method="POST",
        target="/echo",
        fields="Host: {host}\nContent-Length: {length}\nTransfer-Encoding: chunked",
        content="0\n\nGET {prefix}/hello HTTP/1.1\nHost: {host}\n\n",
    ),
    Sample(
        "bare-lf",
        "A bare LF",
        "A line break of one byte. Some servers are kind to it, and that is where their readings differ.",
        fields=r"Host: {host}\nX-Note: the line before ended with LF alone",
    ),
    Sample(
        "obs-fold",
        "A folded line",
        "Once a value could go on in the next line, if that began with a blank. Not any more.",
        fields="Host: {host}\nX-Long: one\n  two",
    ),
    Sample(
        "bad-chunk",
        "A chunk without a size",
        "The size is hexadecimal; this one is a word.",
        method="POST",
        target="/echo",
        fields="Host: {host}\nTransfer-Encoding: chunked",
        content="six\nHello,\n0\n\n",
    ),
    Sample(
        "space-colon",
        "A blank before the colon",
        "Is the field called “Content-Length” or “Content-Length ”?",
        method="POST",
        target="/echo",
        fields="Host: {host}\nContent-Length : 5",
        content="hello",
    ),
    Sample(
        "no-host",
        "No Host",
        "Since HTTP/1.1 a server may be many; a request must say which one it wants.",
        fields="",
    ),
    Sample(
        "control",
        "A NUL in a value",
        "What ends a string in C ends trust in a request.",
        fields="Host: {host}\nX-Null: a\\0b",
    ),
    Sample(
        "unfinished",
        "Never finished",
        "The content that was promised does not come. Who gives up first?",
        method="POST",
        target="/echo",
        fields="Host: {host}\nContent-Length: 100",
        content="only this",
    ),
]

SHELF = {sample.slug: sample for sample in [*WELL_FORMED, *MALFORMED]}
