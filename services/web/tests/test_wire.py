"""Bytes as the page shows them."""

from web.lab.anatomy import Message, Part
from web.lab.wire import MOST_SHOWN, shown


def pieces(data, kind="content"):
    (part,) = shown(Message([Part(kind, data)]))
    return [(piece.text, piece.control, piece.ends_line) for piece in part["pieces"]]


def test_control_characters_are_seen_and_told_from_what_was_typed():
    assert pieces(b"a\\r\r\nb\nc\r\x00\x7f") == [
        ("a\\r", False, False),
        ("\\r\\n", True, True),
        ("b", False, False),
        ("\\n", True, True),
        ("c", False, False),
        ("\\r", True, False),
        ("\\0", True, False),
        ("\\x7f", True, False),
    ]


def test_long_content_is_cut_between_characters():
    data = ("ü" * MOST_SHOWN).encode()
    ((text, _, _),) = pieces(b"x" + data)
    assert text.startswith("xüü")
    assert text.endswith("\u20391,501 bytes more\u203a")


def test_bytes_that_are_no_text():
    assert pieces(b"\x89PNG" * 1000) == [("\u20394,000 bytes that are no text\u203a", False, False)]


def test_a_head_is_shown_whatever_it_holds():
    assert pieces(b"A: \xff\r\n", kind="field") == [("A: \ufffd", False, False), ("\\r\\n", True, True)]
