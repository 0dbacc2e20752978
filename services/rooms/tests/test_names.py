import pytest
from rooms.errors import BadAuthor, BadNumber, BadRoom, BadText, TextTooLong
from rooms.names import after_number, author_name, message_text, page_limit, room_name


@pytest.mark.parametrize("name", ["lobby", "a", "0", "Room.1_x-y", "r" * 64])
def test_room_names(name):
    assert room_name(name) == name


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "-a", ".", "ü", "a/b", "a\n", "r" * 65, "a!", None, 7, b"a"]
)
def test_no_room_names(name):
    with pytest.raises(BadRoom, match="1 to 64"):
        room_name(name)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("ada", "ada"),
        ("  Ada Lovelace ", "Ada Lovelace"),
        ("李雷", "李雷"),
        ("u\u0308", "ü"),
        ("🙂", "🙂"),
        ("x" * 64, "x" * 64),
    ],
)
def test_author_names(given, stored):
    assert author_name(given) == stored


@pytest.mark.parametrize(
    "name", ["", "  ", "a\nb", "a\x1b[2J", "\u202eada", "x" * 65, "\ud800", None, 1, ["ada"]]
)
def test_no_author_names(name):
    with pytest.raises(BadAuthor, match="1 to 64"):
        author_name(name)


@pytest.mark.parametrize("text", ["hi", " hi ", "two\nlines\tand a tab", "你好", "é" * 2048, "x" * 4096])
def test_texts_are_kept_as_written(text):
    assert message_text(text) == text


@pytest.mark.parametrize(
    "text", ["", " \n", "\x1b[31mred", "nul\x00", "a\rb", "\x85", "\ud800", None, 5, {}, b"hi", True]
)
def test_no_texts(text):
    with pytest.raises(BadText):
        message_text(text)


@pytest.mark.parametrize("text", ["x" * 4097, "é" * 2049])
def test_text_is_measured_in_bytes(text):
    with pytest.raises(TextTooLong, match=r"4,09[78] bytes") as caught:
        message_text(text)
    assert caught.value.status == 413


@pytest.mark.parametrize(
    ("given", "number"), [(0, 0), ("0", 0), ("17", 17), (2**53 - 1, 2**53 - 1), (str(2**53 - 1), 2**53 - 1)]
)
def test_numbers(given, number):
    assert after_number(given) == number


@pytest.mark.parametrize(
    "given", [-1, "-1", 2**53, str(2**53), "9" * 5000, "1.0", 1.0, "", " 1", "1 ", "٣", "x", None, True, []]
)
def test_no_numbers(given):
    with pytest.raises(BadNumber, match=f"after is a whole number from 0 to {2**53 - 1}"):
        after_number(given)


def test_limits():
    assert [page_limit(1), page_limit("100")] == [1, 100]
    for given in (0, 101, "0"):
        with pytest.raises(BadNumber, match="limit is a whole number from 1 to 100"):
            page_limit(given)
