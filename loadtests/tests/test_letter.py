"""What posters write."""

import pytest

from loadtests.users.letter import Letter

LETTER = Letter("0123abcd", 17, 1_700_000_000_123_456_789)


@pytest.mark.parametrize(("size", "bytes_"), [(1, 64), (64, 64), (100, 100), (4096, 4096), (1_000_000, 4096)])
def test_it_has_the_size_that_a_room_takes(size, bytes_):
    text = LETTER.write(size)
    assert len(text.encode()) == bytes_
    assert Letter.read(text) == LETTER


def test_a_change_anywhere_is_seen():
    text = LETTER.write(64)
    for at in range(len("layercake "), len(text)):
        changed = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]
        with pytest.raises(ValueError, match="not as it was posted"):
            Letter.read(changed)


def test_what_people_write_is_no_letter():
    assert Letter.read("hi") is None


def test_its_age_is_never_negative():
    assert Letter("0123abcd", 1, 2**62).age() == 0
    assert LETTER.age() > 0
