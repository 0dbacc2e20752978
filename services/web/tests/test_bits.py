"""A frame's boxes: the bits as they are, and what they say."""

from web.lab.bits import MOST_SHOWN, boxes, summary
from web.lab.frame import build, frames

MASK = bytes.fromhex("37fa213d")


def drawn(data, *, from_client=True):
    [frame], _ = frames(data, from_client=from_client)
    return [(box.label, box.value, box.means) for box in boxes(frame)], summary(frame)


def test_a_masked_text():
    found, words = drawn(build(1, b"Hello", mask=MASK))
    assert found == [
        ("FIN", "1", "the last frame"),
        ("RSV1-3", "000", "no extension"),
        ("opcode", "0001", "text"),
        ("MASK", "1", "masked"),
        ("length", "0000101", "5 bytes"),
        ("masking key", "37 fa 21 3d", "four random bytes"),
        ("payload, masked", "7f 9f 4d 51 58", "each byte XOR one of the key's"),
        ("payload", "48 65 6c 6c 6f", "“Hello”"),
    ]
    assert words == "text, 5 bytes"


def test_lengths():
    assert ("extended length", "01 2c", "300 bytes") in drawn(build(1, b"a" * 300, mask=MASK))[0]
    assert ("length", "1111111", "127: it is in the next 8 bytes") in drawn(
        build(2, bytes(65536), mask=MASK)
    )[0]
    assert ("length", "0000001", "1 byte") in drawn(build(2, b"a", mask=MASK))[0]


def test_what_is_too_long_is_cut():
    found, _ = drawn(build(1, b"a" * 300), from_client=False)
    label, value, means = found[-1]
    assert (label, value) == ("payload", " ".join(["61"] * MOST_SHOWN) + " … 252 more")
    assert means == f"“{'a' * 200}…”"


def test_closes():
    found, words = drawn(build(8, b"\x03\xe8bye"), from_client=False)
    assert found[-2:] == [
        ("close code", "03 e8", "1000: normal closure"),
        ("reason", "62 79 65", "“bye”"),
    ]
    assert words == "close, 1000: normal closure"
    assert drawn(build(8, b""), from_client=False)[1] == "close, without a code"
    assert drawn(build(8, (4000).to_bytes(2)), from_client=False)[1] == "close, 4000: an application's own"


def test_bytes_that_are_no_text():
    found, words = drawn(build(2, b"\0\xff", final=False), from_client=False)
    assert found[-1] == ("payload", "00 ff", "bytes")
    assert words == "binary, 2 bytes, more to come"
