"""The table of RFC 9112 section 6.3, cell by cell."""

import pytest
from httpd.errors import Refusal
from httpd.framing import CHUNKED, content_length
from hypothesis import given
from hypothesis import strategies as st

MOST = 1000


@pytest.mark.parametrize(
    ("minor", "codings", "lengths", "expected"),
    [
        (1, [], [], 0),
        (1, [], ["5"], 5),
        (1, [], ["5", "5"], 5),
        (1, [], ["5, 5,\t5"], 5),
        (1, [], ["005"], 5),
        (1, [], ["0"], 0),
        (1, [], ["1000"], 1000),
        (0, [], ["5"], 5),
        (1, ["chunked"], [], CHUNKED),
        (1, [" chunked\t"], [], CHUNKED),
    ],
)
def test_it_can_be_read(minor: int, codings: list[str], lengths: list[str], expected: int) -> None:
    assert content_length(minor, codings, lengths, MOST) == expected


@pytest.mark.parametrize(
    ("minor", "codings", "lengths", "status"),
    [
        (1, ["chunked"], ["5"], 400),
        (1, ["chunked"], ["0"], 400),
        (0, ["chunked"], [], 400),
        (1, ["gzip"], [], 400),
        (1, [""], [], 400),
        (1, ["chunked, gzip"], [], 400),
        (1, ["chunked", "chunked"], [], 400),
        (1, ["gzip,, chunked"], [], 400),
        (1, ["gzip, chunked"], [], 501),
        (1, [], ["5", "6"], 400),
        (1, [], ["5,6"], 400),
        (1, [], ["5,"], 400),
        (1, [], [""], 400),
        (1, [], ["+5"], 400),
        (1, [], ["٣"], 400),
        (1, [], ["1001"], 413),
        (1, [], ["9" * 5000], 413),
    ],
)
def test_it_is_refused(minor: int, codings: list[str], lengths: list[str], status: int) -> None:
    with pytest.raises(Refusal) as refusal:
        content_length(minor, codings, lengths, MOST)
    assert refusal.value.status == status


@given(st.integers(0, 10**25), st.integers(0, 10**18 - 1))
def test_a_length_is_taken_up_to_the_limit(length: int, most: int) -> None:
    if length <= most:
        assert content_length(1, [], [str(length)], most) == length
    else:
        with pytest.raises(Refusal) as refusal:
            content_length(1, [], [str(length)], most)
        assert refusal.value.status == 413
