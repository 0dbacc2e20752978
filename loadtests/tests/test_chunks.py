"""Content as it comes, however it is cut."""

import pytest

from loadtests.clients.chunks import ContentReader
from loadtests.clients.failures import MalformedReply
from loadtests.clients.response import CHUNKED, UNTIL_CLOSED

CHUNKS = b"5\r\nhello\r\n1;name=value\r\n \r\n00005\r\nworld\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("framing", "data", "content", "ended"),
    [
        (CHUNKED, CHUNKS, b"hello world", True),
        (CHUNKED, CHUNKS[:-7], b"hello world", False),
        (CHUNKED, b"", b"", False),
        (5, b"hello", b"hello", True),
        (6, b"hello", b"hello", False),
        (0, b"", b"", True),
        (UNTIL_CLOSED, b"hello", b"hello", False),
    ],
)
def test_cut_everywhere(framing, data, content, ended):
    for cut in range(len(data) + 1):
        reader = ContentReader(framing)
        assert reader.feed(data[:cut]) + reader.feed(data[cut:]) == content
        assert reader.ended == ended
    reader = ContentReader(framing)
    assert b"".join(reader.feed(data[at : at + 1]) for at in range(len(data))) == content
    assert reader.ended == ended


@pytest.mark.parametrize(
    ("framing", "data"),
    [
        (CHUNKED, b"x\r\n"),
        (CHUNKED, b"-1\r\n"),
        (CHUNKED, b"5\r\nhello!\r\n"),
        (CHUNKED, b"5\r\nhelloX"),
        (CHUNKED, b"0\r\nfield: value\r\n\r\n"),
        (CHUNKED, b"\r\n"),
        (CHUNKED, CHUNKS + b"more"),
        (CHUNKED, b"1" * 70_000),
        (4, b"hello"),
        (0, b"x"),
    ],
)
def test_what_is_wrong(framing, data):
    with pytest.raises(MalformedReply):
        ContentReader(framing).feed(data)
