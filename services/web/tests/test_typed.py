"""What was typed becomes bytes, or a sentence."""

import pytest
from web.lab.problem import BadInput
from web.lab.typed import escaped, from_hex, plain


def test_text_is_utf_8_with_a_terminals_line_breaks():
    assert plain("Grüße\r\n雪\n") == b"Gr\xc3\xbc\xc3\x9fe\n\xe9\x9b\xaa\n"


@pytest.mark.parametrize("text", ["48 69 0a", "48690A", "0x48 0x69\n0x0a", "48:69:0a", "  48\t69 0a "])
def test_hex(text):
    assert from_hex(text) == b"Hi\n"


@pytest.mark.parametrize("text", ["4", "4g", "48 6", "hello", "٤٨"])
def test_hex_that_is_none(text):
    with pytest.raises(BadInput, match="pairs of the digits"):
        from_hex(text)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a\r\nb\nc", b"a\r\nb\r\nc"),
        (r"a\nb\r\t\0\\n", b"a\nb\r\t\0\\n"),
        (r"\x00\xfF\x0ag", b"\x00\xff\ng"),
        ("ü", b"\xc3\xbc"),
    ],
)
def test_escapes(text, data):
    assert escaped(text) == data


@pytest.mark.parametrize("text", ["\\", "\\q", "\\x0", "\\xzz", "\\\n", "\\ü"])
def test_escapes_that_are_none(text):
    with pytest.raises(BadInput, match="A backslash begins"):
        escaped(text)


@pytest.mark.parametrize("read", [plain, escaped])
def test_half_a_character(read):
    with pytest.raises(BadInput, match="surrogate"):
        read("\ud800")
