"""Against h11 and httptools: where we differ it is known why; and where both take a message, both read the
same one.

For smuggling it is enough that two readers in a row understand one message differently. So the differences
are a table, each with its reason, and a new one fails the test.
"""

from itertools import pairwise
from pathlib import Path

import pytest
from corpus import INVALID, VALID
from differential import Reading, read_h11, read_httptools, read_ours
from hypothesis import given
from hypothesis import strategies as st
from test_head import fields

DIFFERENCES = Path(__file__).with_name("differences.txt")


def explained(reader: str) -> list[str]:
    """The cases in which a reader differs from us, by the table."""
    lines = [line for line in DIFFERENCES.read_text().splitlines() if line.startswith("    ")]
    words = " ".join(lines).split()
    readers = [n for n, word in enumerate(words) if word.endswith(":")]
    sections = [words[start:end] for start, end in pairwise([*readers, len(words)])]
    return [name for section in sections if section[0] == f"{reader}:" for name in section[1:]]


READERS = {"h11": read_h11, "httptools": read_httptools}


@pytest.mark.parametrize("reader", READERS)
def test_the_differences_are_known(reader: str) -> None:
    found = {
        case.name.partition("/")[2]
        for case in [*VALID, *INVALID]
        if READERS[reader](case.octets) != read_ours(case.octets)
    }
    names = explained(reader)
    assert len(names) == len(set(names))
    assert found == set(names)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """A request whose framing all three have to understand, and what may come after it."""
    lines = [
        f"{draw(st.sampled_from(['GET', 'POST']))} /{draw(st.text('ab?=%', max_size=4))} HTTP/1.1",
        "Host: a",
    ]
    extra = draw(st.lists(fields, max_size=3))
    lines += [
        f"{name}: {value}" for name, value in extra if name.lower() not in ("host", "connection", "expect")
    ]
    if draw(st.booleans()):
        lines.append(
            draw(st.sampled_from(["Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 0"]))
        )
    content = draw(
        st.sampled_from(
            [
                b"",
                b"hello",
                b"5\r\nhello\r\n0\r\n\r\n",
                b"5;a=b\r\nhello\r\n0\r\nX: 1\r\n\r\n",
                b"0\r\n\r\n",
                b"5\r\nhel",
            ]
        )
    )
    after = draw(
        st.sampled_from([b"", b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\n", b"nonsense", b"0\r\n\r\n"])
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + content + after


@pytest.mark.parametrize("reader", READERS)
@given(octets=messages())
def test_never_two_readings_of_one_message(reader: str, octets: bytes) -> None:
    ours, theirs = read_ours(octets), READERS[reader](octets)
    # A request that both have is the same to both. Where one refuses and the other does not, nothing is
    # misread: we end the connection, and they never see more than we.
    both = min(len(ours.requests), len(theirs.requests))
    assert ours.requests[:both] == theirs.requests[:both]
    if not ours.refused and not theirs.refused:
        assert ours.requests == theirs.requests


def test_the_other_readers_do_read() -> None:
    octets = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\nHost: a\r\n\r\n"
    expected = Reading([(b"POST", b"/x", b"hi"), (b"GET", b"/", b"")])
    assert read_ours(octets) == read_h11(octets) == read_httptools(octets) == expected
