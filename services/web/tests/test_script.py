"""What a visitor writes, line by line, as frames."""

import pytest
from web.lab.frame import CLOSE, TEXT, frames
from web.lab.problem import BadInput
from web.lab.script import MOST_FRAMES, compose


def one(line):
    [data] = compose(line)
    [frame], rest = frames(data, from_client=True)
    assert rest == b""
    return frame


@pytest.mark.parametrize(
    ("line", "opcode", "payload"),
    [
        ("text: Hello", 1, b"Hello"),
        ("text:Hello", 1, b"Hello"),
        ("TEXT :  two blanks", 1, b" two blanks"),
        ("text: a: b", 1, b"a: b"),
        ("text:", 1, b""),
        (r"binary: \x00\xff", 2, b"\0\xff"),
        ("ping: {a*126}", 9, b"a" * 126),
        (r"binary: {\xff*3}", 2, b"\xff" * 3),
        ('text: {"a": 1}', 1, b'{"a": 1}'),
        ("pong: é", 10, "é".encode()),
        ("close:", 8, b""),
        ("close: 1000 good-bye", 8, b"\x03\xe8good-bye"),
        ("close: 1005", 8, b"\x03\xed"),
        ("close: no code", 8, b"no code"),
        ("opcode-11: x", 11, b"x"),
    ],
)
def test_a_line(line, opcode, payload):
    frame = one(line)
    assert (frame.opcode, frame.payload, frame.final, frame.reserved) == (opcode, payload, True, 0)
    assert len(frame.mask) == 4


def test_what_is_special_about_a_frame():
    frame = one("text more rsv1 rsv3: x")
    assert (frame.opcode, frame.final, frame.reserved) == (TEXT, False, 5)
    assert one("close unmasked: 1000").mask == b""
    assert one("close unmasked: 1000").opcode == CLOSE


def test_exact_bytes_and_empty_lines():
    assert compose("\r\nhex: 81 00\r\n\r\nhex: ff\r\n") == [b"\x81\0", b"\xff"]
    assert compose("") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello", "“Hello” is no frame"),
        ("word: x", "is no frame"),
        ("opcode-16: x", "is no frame"),
        ("text loud: x", "is no frame"),
        (": x", "is no frame"),
        ("hex: 8", "Hex is pairs"),
        (r"text: \q", "A backslash begins"),
        ("close: 65536", "does not fit"),
        ("binary: {a*99999}", "the lab sends 69,632 at most"),
        ("ping:\n" * (MOST_FRAMES + 1), "25 frames"),
        ("text: \ud800", "surrogate"),
    ],
)
def test_what_is_no_frame(text, words):
    with pytest.raises(BadInput, match=words.replace("(", r"\(")):
        compose(text)


def test_a_mask_is_never_the_same():
    assert len({one("ping:").mask for _ in range(10)}) > 1
