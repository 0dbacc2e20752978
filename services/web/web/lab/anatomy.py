"""What each byte of an HTTP/1.1 message is for, and what is wrong with it: RFC 9112, made visible.

The rule of this file: it never refuses. A server must, when in doubt; here what can't be read is shown as
that, and everything before it stays explained.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from httpd.grammar import CHUNK_LINE, FAULTY_OCTET, FIELD_LINE, REQUEST_LINE

__all__ = ["KINDS", "Kind", "Message", "Part", "requests", "responses"]


@dataclass(frozen=True)
class Kind:
    """A sort of part: its name, where the standard speaks of it, and what it does, in one sentence."""

    name: str
    section: str
    does: str


KINDS = {
    "request-line": Kind("request-line", "RFC 9112, 3", "A method, a target, a version; one space between."),
    "status-line": Kind("status-line", "RFC 9112, 4", "The version, how it went, and a phrase nobody needs."),
    "field": Kind("field line", "RFC 9112, 5", "A name, a colon, a value. Order matters within a name only."),
    "framing": Kind("framing", "RFC 9112, 6", "Where the content ends. All who read it must agree on it."),
    "connection": Kind("connection", "RFC 9112, 9", "Whether the connection goes on; for this hop alone."),
    "handshake": Kind("opening handshake", "RFC 6455, 4", "Whether both speak WebSocket, and a proof of it."),
    "end": Kind("empty line", "RFC 9112, 2.1", "Ends the head. Then comes content, or the next message."),
    "content": Kind("content", "RFC 9110, 6.4", "What all the rest is for. Any bytes at all."),
    "chunk-size": Kind("chunk size", "RFC 9112, 7.1", "How many bytes of this chunk follow, in hexadecimal."),
    "chunk-end": Kind("end of chunk", "RFC 9112, 7.1", "A line break of the framing, not of the content."),
    "last-chunk": Kind("last chunk", "RFC 9112, 7.1", "A chunk of no bytes: the content has ended."),
    "trailer": Kind("trailer", "RFC 9112, 7.1.2", "A field line that was not known before the content."),
    "rest": Kind("not readable", "RFC 9112, 2.2", "Nor does anybody know where the next message begins."),
}  # fmt: skip

FRAMING = {"content-length", "transfer-encoding"}
CONNECTION = {"connection", "keep-alive", "upgrade"}

STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r?\n)")

#: Responses without content, whatever their fields say: RFC 9112, section 6.3, rule 1.
NEVER_WITH_CONTENT = {101, 204, 304}


@dataclass(frozen=True)
class Part:
    """Some bytes of a message, what they are, and what is wrong with them."""

    kind: str
    data: bytes
    fault: str = ""


@dataclass
class Message:
    """One message: its parts, which together are all of its bytes."""

    parts: list[Part] = field(default_factory=list)
    complete: bool = False
    method: str = ""
    status: int = 0
    fields: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """Return the values of the field lines with this name, in lower case, one by one."""
        lists = (value.lower().split(",") for known, value in self.fields if known == name)
        return [word.strip() for words in lists for word in words]

    @property
    def interim(self) -> bool:
        """Whether it is a 1xx, after which the real response is still to come."""
        return 100 <= self.status < 200 and self.status != 101


class Lines:
    """Bytes, taken off the front line by line or by number."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def line(self) -> bytes | None:
        """Take one line with its ending, or nothing while there is no whole one."""
        end = self.data.find(b"\n") + 1
        return self.take(end) if end else None

    def take(self, number: int) -> bytes:
        """Take so many bytes, or as many as there are."""
        taken, self.data = self.data[:number], self.data[number:]
        return taken


def requests(data: bytes) -> list[Message]:
    """Return the requests that follow one another on a connection."""
    lines, found = Lines(data), []
    while lines.data:
        message = Message()
        found.append(message)
        while lines.data.startswith((b"\r\n", b"\n")):
            message.parts.append(
                Part("end", lines.line() or b"", "An empty line before a request is skipped.")
            )
        if read_head(message, lines, "request-line"):
            message.method = message.parts[0].data.split(b" ")[0].decode("latin-1")
            message.complete = read_content(message, lines, until_close=False)
        if not message.complete:
            leave(message, lines)
    return found


def responses(data: bytes, methods: Sequence[str]) -> list[Message]:
    """Return the responses to requests with these methods, in the order in which they were sent."""
    lines, found, answered = Lines(data), [], 0
    while lines.data:
        message = Message(method=methods[answered] if answered < len(methods) else "")
        found.append(message)
        status = STATUS_LINE.match(lines.data)
        if status and read_head(message, lines, "status-line"):
            message.status = int(status[1])
            message.complete = without_content(message) or read_content(message, lines, until_close=True)
            answered += not message.interim
        if not message.complete:
            leave(message, lines)
    return found


def leave(message: Message, lines: Lines) -> None:
    """Give the message all that is left, as what can't be read, or can't be read yet."""
    if lines.data:
        message.parts.append(Part("rest", lines.take(len(lines.data))))


def without_content(message: Message) -> bool:
    """Say whether this response ends with its head."""
    return message.interim or message.method == "HEAD" or message.status in NEVER_WITH_CONTENT


def read_head(message: Message, lines: Lines, first: str) -> bool:
    """Read the start-line and the field lines; say whether the head is whole."""
    kind = first
    while (line := lines.line()) is not None:
        text = line.rstrip(b"\r\n").decode("latin-1")
        if not text and kind != first:
            message.parts.append(Part("end", line, line_fault(line) or head_fault(message, first)))
            return True
        name = text.partition(":")[0].lower()
        if kind == first:
            fault = (
                "" if first == "status-line" or REQUEST_LINE.fullmatch(text) else "This is no request-line."
            )
        else:
            kind = purpose(name)
            fault = field_fault(text)
            message.fields.append((name.strip(), text.partition(":")[2].strip()))
        message.parts.append(Part(kind, line, line_fault(line) or fault))
        kind = "field"
    return False


def purpose(name: str) -> str:
    """Return the kind of field that one of this name is."""
    if name.startswith("sec-websocket-"):
        return "handshake"
    return "framing" if name in FRAMING else "connection" if name in CONNECTION else "field"


def line_fault(line: bytes) -> str:
    """Say what is wrong with a line, whatever it holds."""
    if not line.endswith(b"\r\n"):
        return "The line ends with LF alone; it must be CR LF."
    if FAULTY_OCTET.search(line.decode("latin-1")):
        return "There is a control character in the line."
    return ""


def field_fault(text: str) -> str:
    """Say what is wrong with a field line."""
    if FIELD_LINE.fullmatch(text):
        return ""
    if text[0] in "\t ":
        return "A folded line (obs-fold): no longer allowed, since not everyone joins it to the line before."
    name, colon, _ = text.partition(":")
    if not colon:
        return "There is no colon in it."
    return "White space before the colon." if name != name.rstrip() else "This can't be a field's name."


def head_fault(message: Message, first: str) -> str:
    """Say what is wrong with the field lines as a whole."""
    lengths = message.values("content-length")
    if lengths and message.values("transfer-encoding"):
        return "Both a length and chunks: two servers may read two different requests here (smuggling)."
    if len(set(lengths)) > 1:
        return "Two different lengths: each makes another request of the same bytes."
    if any(not length.isascii() or not length.isdigit() for length in lengths):
        return "A length is digits and nothing else."
    hosts = [name for name, _ in message.fields].count("host")
    if first == "request-line" and hosts != 1:
        return f"A request has one Host field; this has {hosts or 'none'}."
    return ""


def read_content(message: Message, lines: Lines, *, until_close: bool) -> bool:
    """Read the content as the framing says; say whether all of it is here."""
    codings, lengths = message.values("transfer-encoding"), message.values("content-length")
    if codings:
        return codings[-1] == "chunked" and all(read_chunks(message, lines))
    if lengths:
        if not lengths[0].isascii() or not lengths[0].isdigit():
            return False
        length = int(lengths[0])
        whole = len(lines.data) >= length
        if content := lines.take(length):
            message.parts.append(Part("content", content))
        return whole
    if until_close and lines.data:
        message.parts.append(Part("content", lines.take(len(lines.data))))
    return not until_close


def read_chunks(message: Message, lines: Lines) -> Iterator[bool]:
    """Read chunks up to the end of the trailer section; a False comes where that is not possible."""
    size = -1
    while size:
        line = lines.line()
        if line is None:
            yield False
            return
        match = CHUNK_LINE.fullmatch(line.rstrip(b"\r\n"))
        if match is None:
            message.parts.append(Part("rest", line, "A chunk begins with its size in hexadecimal."))
            yield False
            return
        size = int(match[1], 16)
        message.parts.append(Part("chunk-size" if size else "last-chunk", line, line_fault(line)))
        if size:
            yield from read_chunk(message, lines, size)
    while (line := lines.line()) is not None:
        if not line.rstrip(b"\r\n"):
            message.parts.append(Part("end", line, line_fault(line)))
            return
        fault = line_fault(line) or field_fault(line.rstrip(b"\r\n").decode("latin-1"))
        message.parts.append(Part("trailer", line, fault))
    yield False


def read_chunk(message: Message, lines: Lines, size: int) -> Iterator[bool]:
    """Read one chunk's data and the line break behind it."""
    data = lines.take(size)
    message.parts.append(Part("content", data))
    end = lines.take(2) if len(data) == size else b""
    if end:
        fault = "" if end == b"\r\n" else "The chunk is longer than its size says."
        message.parts.append(Part("chunk-end" if not fault else "rest", end, fault))
    yield end == b"\r\n"
