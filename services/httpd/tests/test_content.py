"""Content comes out as it went in, however it was cut into chunks and those into pieces."""

from itertools import pairwise

import pytest
from httpd.content import ChunkedReader, LengthReader, last_chunk, to_chunk
from httpd.errors import Refusal
from httpd.limits import Limits
from hypothesis import given
from hypothesis import strategies as st

NEXT = b"GET / HTTP/1.1\r\n"


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    marks = sorted({0, len(octets), *(place % (len(octets) + 1) for place in places)})
    return [octets[start:end] for start, end in pairwise(marks)]


def read(reader: LengthReader | ChunkedReader, pieces: list[bytes]) -> tuple[bytes, bytes | None]:
    content = b""
    for number, piece in enumerate(pieces):
        content += reader.read(piece)
        if reader.rest is not None:
            return content, reader.rest + b"".join(pieces[number + 1 :])
    return content, None


@given(st.binary(min_size=1), st.lists(st.integers(0, 1000)))
def test_a_content_of_known_length(content: bytes, places: list[int]) -> None:
    assert read(LengthReader(len(content)), cut(content + NEXT, places)) == (content, NEXT)


@given(st.binary(min_size=1))
def test_a_content_that_is_not_all_here(content: bytes) -> None:
    assert read(LengthReader(len(content)), [content[:-1]]) == (content[:-1], None)


extensions = st.sampled_from([b"", b";a", b";a=b", b';a="b;\\"c"', b";a;b=c"])
trailers = st.sampled_from([b"", b"X: 1\r\n", b"X:\r\nY: \xff\r\n"])


@given(
    st.lists(st.tuples(st.binary(min_size=1), extensions, st.booleans())),
    trailers,
    st.lists(st.integers(0, 1000)),
)
def test_a_content_in_chunks(
    chunks: list[tuple[bytes, bytes, bool]], trailer: bytes, places: list[int]
) -> None:
    octets = b""
    for data, extension, upper in chunks:
        size = b"%X" % len(data) if upper else b"00%x" % len(data)
        octets += size + extension + b"\r\n" + data + b"\r\n"
    octets += b"0\r\n" + trailer + b"\r\n" + NEXT
    content = b"".join(data for data, _, _ in chunks)
    assert read(ChunkedReader(Limits()), cut(octets, places)) == (content, NEXT)


@given(st.lists(st.binary(min_size=1)))
def test_what_we_write_we_read(pieces: list[bytes]) -> None:
    octets = b"".join(map(to_chunk, pieces)) + last_chunk
    assert read(ChunkedReader(Limits()), [octets]) == (b"".join(pieces), b"")


@given(st.binary(), st.lists(st.integers(0, 1000)))
def test_any_octets_are_content_or_refused_however_they_are_cut(octets: bytes, places: list[int]) -> None:
    def outcome(pieces: list[bytes]) -> object:
        reader = ChunkedReader(Limits())
        try:
            return read(reader, pieces)
        except Refusal as refusal:
            return refusal.status

    assert outcome([octets] if octets else []) == outcome(cut(octets, places))


@pytest.mark.parametrize(
    ("octets", "limits", "status"),
    [
        (b"5\r\nhello\r\n5\r\n", Limits(content=9), 413),
        (b"1;aaaaaaaaaa\r\n", Limits(chunk_line=11), 400),
        (b"1;aaaa\r\nx\r\n1;aaaa\r\n", Limits(chunk_extensions=9), 400),
        (b"0\r\nX: 1\r\nY: 2\r\n", Limits(field_count=1), 431),
        (b"0\r\nX: 1\r\nY: 2345\r\n", Limits(field_lines=10), 431),
        (b"0\r\nX: 12345678", Limits(field_lines=10), 431),
    ],
)
def test_limits(octets: bytes, limits: Limits, status: int) -> None:
    for pieces in ([octets], [octets[n : n + 1] for n in range(len(octets))]):
        with pytest.raises(Refusal) as refusal:
            read(ChunkedReader(limits), pieces)
        assert refusal.value.status == status
