"""Frames, with the standard's examples (RFC 6455, section 5.7), and all that can be wrong with one."""

import pytest
from web.lab.frame import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, build, frames, masked

MASK = bytes.fromhex("37fa213d")

EXAMPLES = {
    "text": ("81 05 48 65 6c 6c 6f", TEXT, b"Hello", b""),
    "masked": ("81 85 37 fa 21 3d 7f 9f 4d 51 58", TEXT, b"Hello", MASK),
    "ping": ("89 05 48 65 6c 6c 6f", PING, b"Hello", b""),
    "pong": ("8a 85 37 fa 21 3d 7f 9f 4d 51 58", PONG, b"Hello", MASK),
    "256 bytes": ("82 7e 01 00" + " aa" * 256, BINARY, b"\xaa" * 256, b""),
    "64 KiB": ("82 7f 00 00 00 00 00 01 00 00" + " aa" * 65536, BINARY, b"\xaa" * 65536, b""),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_standards_examples(name):
    text, opcode, payload, mask = EXAMPLES[name]
    data = bytes.fromhex(text)
    [frame], rest = frames(data, from_client=bool(mask))
    assert (frame.opcode, frame.payload, frame.mask, frame.final, rest) == (opcode, payload, mask, True, b"")
    assert frame.data == data
    assert frame.faults == ()
    assert build(opcode, payload, mask=mask) == data


def test_fragments():
    found, rest = frames(bytes.fromhex("01 03 48 65 6c 80 02 6c 6f"), from_client=False)
    assert [(frame.opcode, frame.final, frame.payload, frame.faults) for frame in found] == [
        (TEXT, False, b"Hel", ()),
        (CONTINUATION, True, b"lo", ()),
    ]
    assert rest == b""


@pytest.mark.parametrize("length", [0, 1, 3, 4, 125, 126, 65535, 65536])
def test_masking_twice_is_nothing(length):
    payload = bytes(number % 251 for number in range(length))
    assert masked(masked(payload, MASK), MASK) == payload
    assert (masked(payload, MASK) == payload) == (length == 0)
    assert frames(build(BINARY, payload, mask=MASK), from_client=True)[0][0].payload == payload


def test_every_beginning_of_a_frame_is_kept():
    data = build(TEXT, b"a" * 130, mask=MASK)
    for end in range(len(data)):
        assert frames(data[:end], from_client=True) == ([], data[:end])


ONE = build(TEXT, b"Hello", mask=MASK)
WRONG = {
    "unmasked": (build(TEXT, b"Hello"), "masks every frame"),
    "reserved bit": (build(TEXT, b"Hello", reserved=4, mask=MASK), "reserved bit"),
    "opcode": (build(3, b"Hello", mask=MASK), "Opcode 3 is reserved"),
    "control opcode": (build(11, b"", mask=MASK), "Opcode 11 is reserved"),
    "fragmented control": (build(PING, b"", final=False, mask=MASK), "must not be fragmented"),
    "long control": (build(PING, b"a" * 126, mask=MASK), "carries 125 bytes at most"),
    "nothing to continue": (build(CONTINUATION, b"", mask=MASK), "nothing to continue"),
    "padded": (bytes.fromhex("81fe0005") + MASK + b"Hello", "as few as it can"),
    "padded to eight": (bytes.fromhex("81ff") + (126).to_bytes(8) + MASK + b"a" * 126, "as few as it can"),
    "no UTF-8": (build(TEXT, b"\xc3\x28", mask=MASK), "this is not"),
    "half a code": (build(CLOSE, b"\x03", mask=MASK), "here is one"),
    "no UTF-8 as a reason": (build(CLOSE, b"\x03\xe8\xff", mask=MASK), "reason is no UTF-8"),
    **{
        f"code {code}": (build(CLOSE, code.to_bytes(2), mask=MASK), f"Code {code} must not")
        for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_frame(name):
    data, sentence = WRONG[name]
    [frame], _ = frames(data, from_client=True)
    assert any(sentence in fault for fault in frame.faults), frame.faults


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1012, 1014, 3000, 4999])
def test_codes_that_may_be_sent(code):
    [frame], _ = frames(build(CLOSE, code.to_bytes(2) + b"so", mask=MASK), from_client=True)
    assert (frame.code, frame.text, frame.faults) == (code, "so", ())


def test_what_is_wrong_with_the_order():
    half, whole, close = build(TEXT, b"\xe2\x82", final=False, mask=MASK), ONE, build(CLOSE, b"", mask=MASK)
    found, _ = frames(half + whole + close + whole, from_client=True)
    assert [len(frame.faults) for frame in found] == [0, 1, 0, 1]
    assert "has not ended" in found[1].faults[0]
    assert "After a close frame" in found[3].faults[0]


def test_text_may_be_cut_within_a_character_and_a_ping_may_come_between():
    pieces = [
        build(TEXT, b"\xe2\x82", final=False, mask=MASK),
        build(PING, b"", mask=MASK),
        build(CONTINUATION, b"\xac", mask=MASK),
    ]
    found, _ = frames(b"".join(pieces), from_client=True)
    assert [frame.faults for frame in found] == [(), (), ()]


def test_a_server_masks_nothing():
    [frame], _ = frames(ONE, from_client=False)
    assert "A server masks nothing" in frame.faults[0]
