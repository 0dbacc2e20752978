"""Where the content of a request ends: RFC 9112 section 6.3, as far as it is about requests.

| Transfer-Encoding | Content-Length | the content                                           | rule |
|-------------------|----------------|-------------------------------------------------------|------|
| no                | no             | is empty                                              | 7    |
| no                | yes            | is that long, if the field is valid; else 400         | 5, 6 |
| yes               | no             | is in chunks, if chunked is the last coding; else 400 | 4    |
| yes               | yes            | 400: two readings, which is how requests are smuggled | 3    |

The rule of this file: in doubt it refuses. Two readers that disagree about where a message ends are a hole
in the wall, and we are always the second reader when a proxy stands in front of us.
"""

from http import HTTPStatus

from httpd.errors import Refusal

__all__ = ["CHUNKED", "content_length"]

#: In place of a length: the content ends where its last chunk says.
CHUNKED = -1

#: 10^18 octets are no request's content, and as many digits fit a machine word.
MOST_DIGITS = 18


def content_length(minor: int, codings: list[str], lengths: list[str], most: int) -> int:
    """Return the length of the content in octets, or ``CHUNKED``.

    ``codings`` and ``lengths`` are the values of the Transfer-Encoding and Content-Length field lines, in
    lower case; ``minor`` is that of the HTTP version. Raises ``Refusal``.
    """
    if codings and lengths:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Content-Length and Transfer-Encoding in one request.")
    if codings:
        return by_coding(minor, codings)
    if lengths:
        return by_length(lengths, most)
    return 0


def by_coding(minor: int, values: list[str]) -> int:
    """Read Transfer-Encoding: chunked must be the last coding, and is the only one that we know."""
    if minor == 0:
        # RFC 9112 section 6.1: "A server or client that receives an HTTP/1.0 message containing a
        # Transfer-Encoding header field MUST treat the message as if the framing is faulty".
        raise Refusal(HTTPStatus.BAD_REQUEST, "HTTP/1.0 has no Transfer-Encoding.")
    codings = [coding.strip("\t ") for coding in ",".join(values).split(",")]
    if codings[-1] != "chunked":
        raise Refusal(HTTPStatus.BAD_REQUEST, "The last transfer coding of a request must be chunked.")
    if "chunked" in codings[:-1]:
        # Section 7.1: "A sender MUST NOT apply the chunked transfer coding more than once".
        raise Refusal(HTTPStatus.BAD_REQUEST, "The chunked transfer coding twice.")
    if "" in codings:
        raise Refusal(HTTPStatus.BAD_REQUEST, "An empty transfer coding.")
    if len(codings) > 1:
        raise Refusal(HTTPStatus.NOT_IMPLEMENTED, "No transfer coding but chunked is known here.")
    return CHUNKED


def by_length(values: list[str], most: int) -> int:
    """Read Content-Length: digits only (RFC 9110 section 8.6)."""
    digits = values[0]
    if len(values) > 1 or "," in digits:
        digits = merge(values)
    if not digits.isascii() or not digits.isdigit():
        raise Refusal(HTTPStatus.BAD_REQUEST, "Content-Length must be digits.")
    if len(digits) > MOST_DIGITS:
        digits = digits.lstrip("0") or "0"
    if len(digits) > MOST_DIGITS or (length := int(digits)) > most:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The content may be {most} octets long at most.")
    return length


def merge(values: list[str]) -> str:
    """Section 6.3:

    The same number again, in the same line or another, "MAY" be taken as one. Another number is refused.
    """
    numbers = [number.strip("\t ") for number in ",".join(values).split(",")]
    if not all(number.isascii() and number.isdigit() for number in numbers):
        raise Refusal(HTTPStatus.BAD_REQUEST, "Content-Length must be digits.")
    if len({number.lstrip("0") for number in numbers}) > 1:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Content-Length twice, with different values.")
    return numbers[0]
