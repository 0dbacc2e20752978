"""From octets to a request: the head of a message (RFC 9112 sections 2 to 5).

There are two ways in and one truth. ``read_quickly`` asks one expression whether the whole head is here and
in the shape that nearly every client sends. ``HeadReader`` takes everything else: heads that come in
pieces, the rarer forms, and all that must be refused, line by line, so that a refusal does not depend on
how the octets were cut. What the first one accepts the second one reads the same; the tests hold the two
against each other.
"""

import re
from http import HTTPStatus

from httpd.errors import Refusal
from httpd.framing import content_length
from httpd.grammar import (
    ABSOLUTE_FORM,
    AUTHORITY,
    FAULTY_OCTET,
    FIELD_LINE,
    HEAD,
    HOST,
    HTTP_VERSION,
    ORIGIN_FORM,
    REQUEST_LINE,
    TOKEN,
)
from httpd.limits import Limits
from httpd.request import Request

__all__ = ["WINDOW", "HeadReader", "read_quickly"]

#: The field lines that decide how a message is read. The text is in lower case, each line after its CRLF.
SPECIAL = re.compile(r"\r\n(content-length|transfer-encoding|connection|expect):[\t ]*+([^\r]*+)")

HOSTS = re.compile(r"\r\nhost:[\t ]*+([^\r]*+)")

#: Octets that are looked at together. A longer head is no usual one.
WINDOW = 8 * 1024

HEAD_match = HEAD.match
SPECIAL_findall = SPECIAL.findall


def read_quickly(text: str, limits: Limits) -> tuple[Request, int] | None:
    """Read the head that the text begins with;

    Return the request and where the head ended, or None to have it read line by line.
    """
    match = HEAD_match(text)
    if match is None:
        return None
    end = match.end()
    if end > limits.request_line or end > limits.field_lines:
        return None
    method, path, query, field_lines = match.groups()
    request = Request(method, path, query, field_lines)
    if "\r\n" in field_lines:  # more than Host
        lower = f"\r\n{field_lines.lower()}"
        if lower.count("\r\nhost:") > 1 or lower.count("\r\n") > limits.field_count:
            return None
        special = SPECIAL_findall(lower)
        if special:
            interpret(request, special, limits)
    return request, end


def interpret(request: Request, special: list[tuple[str, str]], limits: Limits) -> None:
    """Set what the special field lines say: framing, persistence, expectation. Values are in lower case."""
    codings: list[str] = []
    lengths: list[str] = []
    for name, padded in special:
        value = padded.rstrip("\t ")
        if name == "content-length":
            lengths.append(value)
        elif name == "connection":
            persist(request, value)
        elif name == "transfer-encoding":
            codings.append(value)
        else:
            expect(request, value)
    if codings or lengths:
        request.length = content_length(request.minor, codings, lengths, limits.content)
        if request.length:
            request.content = None


def persist(request: Request, value: str) -> None:
    """RFC 9112 section 9.3: close beats everything; without a word 1.1 persists, and 1.0 does not."""
    options = [option.strip("\t ") for option in value.split(",")]
    if "close" in options:
        request.keep_alive = request.may_persist = False
    elif "keep-alive" in options:
        request.keep_alive = request.may_persist


def expect(request: Request, value: str) -> None:
    """RFC 9110 section 10.1.1: 100-continue is the only one there is; in HTTP/1.0 it "MUST" be ignored."""
    if request.minor == 0:
        return
    if value != "100-continue":
        raise Refusal(HTTPStatus.EXPECTATION_FAILED, "The only expectation known here is 100-continue.")
    request.expects_continue = True


class HeadReader:
    """Reads one request head, in whatever pieces it comes, and names the first thing that is wrong with
    it.
    """

    __slots__ = ("_empty_lines", "_fields", "_limits", "_request", "_size", "_tail")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tail = ""  # a line that has not ended yet
        self._empty_lines = 0
        self._request: Request | None = None  # once its request-line is read
        self._fields: list[str] = []
        self._size = 0  # octets of the field lines so far

    @property
    def empty(self) -> bool:
        """Whether nothing of a head is here yet."""
        return self._request is None and not self._tail

    def read(self, data: bytes | memoryview) -> tuple[Request, int] | None:
        """Take some octets. Return the request and how many of them were its head's, or None for "go on".

        Raises ``Refusal``. A window at a time: of octets that are not the head's only a few are looked at.
        """
        for start in range(0, len(data), WINDOW):
            piece = str(data[start : start + WINDOW], "latin-1")
            found = self._read(piece)
            if found is not None:
                request, rest = found
                return request, start + len(piece) - rest
        return None

    def _read(self, piece: str) -> tuple[Request, int] | None:
        """Take some text. Return the request and how much of the text came after its head, or None."""
        text = self._tail + piece
        start, checked = 0, max(len(self._tail) - 1, 0)
        while True:
            end = text.find("\r\n", checked)
            self._check_octets(text, start, checked, end)
            if end < 0:
                self._tail = text[start:]
                return None
            line = text[start:end]
            start = checked = end + 2
            if self._request is None:
                self._begin(line)
            elif line:
                self._add_field(line)
            else:
                return self._finish(), len(text) - start

    def _check_octets(self, text: str, start: int, checked: int, end: int) -> None:
        """Refuse a line for the first octet that is no text, or that is one too many;

        Whichever comes first.
        """
        room = self._room()
        stop = len(text) if end < 0 else end + 2
        if FAULTY_OCTET.search(text, checked, min(stop, start + room)):
            raise Refusal(
                HTTPStatus.BAD_REQUEST, "A control character, or a line that does not end with CR and LF."
            )
        size = (end if end >= 0 else len(text) - text.endswith("\r", start)) - start
        if size > room:
            raise self._too_long(text[start : start + room])

    def _room(self) -> int:
        if self._request is None:
            return self._limits.request_line
        return self._limits.field_lines - self._size

    def _too_long(self, line: str) -> Refusal:
        if self._request is not None:
            most = self._limits.field_lines
            return Refusal(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The field lines take more than {most} octets."
            )
        method = TOKEN.match(line)
        if method and line[method.end() : method.end() + 1] == " ":
            return Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, "The request-target is too long.")
        return Refusal(HTTPStatus.BAD_REQUEST, "The request-line is too long.")

    def _begin(self, line: str) -> None:
        """Take the request-line, or an empty line before it."""
        if line:
            self._request = read_request_line(line)
            return
        self._empty_lines += 1
        if self._empty_lines > self._limits.empty_lines:
            raise Refusal(HTTPStatus.BAD_REQUEST, "Empty lines, and no request.")

    def _add_field(self, line: str) -> None:
        if not FIELD_LINE.fullmatch(line):
            raise Refusal(HTTPStatus.BAD_REQUEST, field_fault(line))
        if len(self._fields) == self._limits.field_count:
            most = self._limits.field_count
            raise Refusal(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"There are more than {most} field lines."
            )
        self._fields.append(line)
        self._size += len(line)

    def _finish(self) -> Request:
        """The empty line: what the field lines say together."""
        request = self._request
        assert request is not None  # noqa: S101 - read() begins with the request-line
        request.field_lines = "\r\n".join(self._fields)
        lower = f"\r\n{request.field_lines.lower()}"
        check_host(request, [value.rstrip("\t ") for value in HOSTS.findall(lower)])
        interpret(request, SPECIAL_findall(lower), self._limits)
        return request


def read_request_line(line: str) -> Request:
    """Read method, request-target and version; the field lines come later."""
    match = REQUEST_LINE.fullmatch(line)
    if match is None:
        raise Refusal(
            HTTPStatus.BAD_REQUEST,
            "A request-line is a method, a request-target and a version, with one space between.",
        )
    method, target, name = match.groups()
    version = HTTP_VERSION.fullmatch(name)
    if version is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "The request-line must end with HTTP/1.1 or HTTP/1.0.")
    major, minor = version.groups()
    if major != "1":
        raise Refusal(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
    request = read_target(method, target)
    request.minor = int(minor)
    request.keep_alive = request.minor > 0
    return request


def read_target(method: str, target: str) -> Request:
    """Read the four forms of RFC 9112 section 3.2. Two of them belong to one method each."""
    if method == "CONNECT":
        if not AUTHORITY.fullmatch(target):
            raise Refusal(HTTPStatus.BAD_REQUEST, "CONNECT needs a host and a port.")
        request = Request(method, "", None, "")
        request.authority = target
    elif match := ORIGIN_FORM.fullmatch(target):
        return Request(method, match[1], match[2], "")
    elif match := ABSOLUTE_FORM.fullmatch(target):
        host, path, query = match.groups()
        if not host or host.startswith(":"):
            # RFC 9110 section 4.2.1: "A recipient that processes such a URI reference MUST reject it as
            # invalid."
            raise Refusal(HTTPStatus.BAD_REQUEST, "The request-target names no host.")
        request = Request(method, path or "/", query, "")
        request.authority = host
        request.scheme = target.partition(":")[0].lower()
        request.asterisk = (
            method == "OPTIONS" and path is None and query is None
        )  # section 3.2.4, last paragraph
    elif target == "*" and method == "OPTIONS":
        request = Request(method, "*", None, "")
        request.asterisk = True
    else:
        raise Refusal(
            HTTPStatus.BAD_REQUEST,
            "The request-target must begin with a slash, or be an http URI without a fragment.",
        )
    request.target = target
    return request


def check_host(request: Request, hosts: list[str]) -> None:
    """RFC 9112 section 3.2:

    400 to a 1.1 request without Host, and to any with two of them or one that is invalid.
    """
    if not hosts and request.minor > 0:
        raise Refusal(HTTPStatus.BAD_REQUEST, "A request of HTTP/1.1 needs a Host field.")
    if len(hosts) > 1:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Host twice.")
    if hosts and not HOST.fullmatch(hosts[0]):
        raise Refusal(HTTPStatus.BAD_REQUEST, "The Host field is no host.")


def field_fault(line: str) -> str:
    """Say what is wrong with a field line."""
    if line[0] in "\t ":
        return "A field line begins with white space: folded lines are not taken (RFC 9112 section 5.2)."
    name, colon, _ = line.partition(":")
    if not colon:
        return "A field line without a colon."
    if name.rstrip("\t ") != name:
        return "White space between a field's name and its colon."
    return "A field name with a character that names don't have."
