"""Responses in pieces: each case is read in one go, byte by byte, and split in two at every place."""

import pytest

from loadtests.clients.failures import ClosedEarly, MalformedReply
from loadtests.clients.response import ResponseReader

OK = b"HTTP/1.1 200 OK\r\n"

VALID = {
    "a length": (OK + b"Content-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "no content": (OK + b"content-length:0\r\n\r\n", 200, b"", True),
    "a length said twice": (OK + b"Content-Length: 2, 2\r\n\r\nhi", 200, b"hi", True),
    "no reason phrase": (b"HTTP/1.1 404 \r\nContent-Length: 2\r\n\r\nno", 404, b"no", True),
    "spaces around a value": (OK + b"Content-Length:\t 2 \t\r\n\r\nhi", 200, b"hi", True),
    "bytes above ASCII": (OK + b"X: caf\xe9\r\nContent-Length: 1\r\n\r\n\xff", 200, b"\xff", True),
    "an empty value": (OK + b"X:\r\nContent-Length: 1\r\n\r\nx", 200, b"x", True),
    "closes afterwards": (OK + b"Connection: Close\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi", False),
    "close among others": (OK + b"Connection: te, close\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi", False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi", False),
    "HTTP/1.0 that stays": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
        200,
        b"hi",
        True,
    ),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    "304 with a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b"", True),
    "chunks": (
        OK
        + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA\r\n, and more!\r\n0\r\n\r\n".replace(b"!", b""),
        200,
        b"hello, and more",
        True,
    ),
    "chunk extensions": (
        OK + b'Transfer-Encoding: Chunked\r\n\r\n2;a=b;c="d;e"\r\nhi\r\n0;last\r\n\r\n',
        200,
        b"hi",
        True,
    ),
    "a trailer": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n",
        200,
        b"hi",
        True,
    ),
    "no chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, b"", True),
    "an interim response": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        + OK
        + b"Content-Length: 2\r\n\r\nhi",
        200,
        b"hi",
        True,
    ),
}

INVALID = {
    "another protocol": b"SSH-2.0-OpenSSH\r\n\r\n",
    "HTTP/2": b"HTTP/2 200\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a bare line feed": b"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
    "a space before the colon": OK + b"Content-Length : 0\r\n\r\n",
    "no colon": OK + b"Content-Length 0\r\n\r\n",
    "an empty name": OK + b": 0\r\n\r\n",
    "obsolete folding": OK + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "a null byte": OK + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
    "a negative length": OK + b"Content-Length: -2\r\n\r\nhi",
    "a length with a sign": OK + b"Content-Length: +2\r\n\r\nhi",
    "an empty length": OK + b"Content-Length:\r\n\r\nhi",
    "length and chunks": OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "a coding that wasn't asked for": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "more than the length": OK + b"Content-Length: 2\r\n\r\nhip",
    "no chunk size": OK + b"Transfer-Encoding: chunked\r\n\r\n\r\nhi\r\n0\r\n\r\n",
    "a chunk size in words": OK + b"Transfer-Encoding: chunked\r\n\r\ntwo\r\nhi\r\n0\r\n\r\n",
    "a chunk that is too long": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhip\r\n0\r\n\r\n",
    "a malformed trailer": OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
    "bytes after the last chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore",
}


def pieces(data):
    """The data whole, byte by byte, and in two pieces, split at every place."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    for at in range(1, len(data)):
        yield [data[:at], data[at:]]


def read(reader, parts):
    """Feed the parts; the response has to come with the last of them."""
    *before, last = parts
    for part in before:
        assert reader.feed(part) is None
    return reader.feed(last)


@pytest.mark.parametrize("name", VALID)
def test_valid(name):
    data, status, content, keep_alive = VALID[name]
    reader = ResponseReader()
    for parts in pieces(data):
        response = read(reader, parts)
        assert response is not None
        assert (response.head.status, response.content, response.head.keep_alive) == (
            status,
            content,
            keep_alive,
        )
        assert not reader.has_begun


def feed_all(reader, parts):
    """Feed the parts. Nothing may come after a response that is whole, as pipelining is off."""
    whole = None
    for part in parts:
        if whole is not None:
            raise MalformedReply("more than one response")
        whole = reader.feed(part)


@pytest.mark.parametrize("name", INVALID)
def test_invalid(name):
    for parts in pieces(INVALID[name]):
        with pytest.raises(MalformedReply):
            feed_all(ResponseReader(), parts)


def test_the_end_of_the_stream_ends_content_without_a_length():
    reader = ResponseReader()
    assert reader.feed(OK + b"\r\nhel") is None
    assert reader.feed(b"lo") is None
    response = reader.end()
    assert response.content == b"hello"
    assert not response.head.keep_alive


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "before"),
        (b"HTTP/1.1 200", "in the middle of the head"),
        (OK + b"Content-Length: 5\r\n\r\nhel", "in the middle of the content"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "in the middle of the content"),
    ],
)
def test_the_stream_ends_early(data, reason):
    reader = ResponseReader()
    if data:
        assert reader.feed(data) is None
    with pytest.raises(ClosedEarly, match=reason):
        reader.end()


def test_a_head_without_end():
    reader = ResponseReader()
    with pytest.raises(MalformedReply, match="64 KiB"):
        feed_all(reader, [b"X-Endless: 1\r\n" * 100] * 100)


def test_a_chunk_line_without_end():
    reader = ResponseReader()
    reader.feed(OK + b"Transfer-Encoding: chunked\r\n\r\n2;")
    with pytest.raises(MalformedReply, match="size"):
        feed_all(reader, [b"x" * 1000] * 100)


def test_heads_that_never_repeat_are_not_all_remembered():
    reader = ResponseReader()
    for number in range(1000):
        response = reader.feed(OK + b"X-Id: %d\r\nContent-Length: 1\r\n\r\nx" % number)
        assert dict(response.head.fields)[b"x-id"] == b"%d" % number
    assert len(reader._known) <= 256
