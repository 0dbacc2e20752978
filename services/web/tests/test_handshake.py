"""The opening handshake's arithmetic, with the standard's example (RFC 6455, section 1.3)."""

import base64

import pytest
from web.lab.handshake import Handshake, accept, fresh_key, head_end

KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def request(key):
    return f"GET /ws/echo HTTP/1.1\r\nHost: lab\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()


def test_the_standards_example():
    assert accept(KEY) == ACCEPT
    answer = f"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n".encode()
    hand = Handshake(request(KEY), answer)
    assert (hand.key, hand.answer, hand.expected, hand.status, hand.fault) == (KEY, ACCEPT, ACCEPT, 101, "")
    assert hand.sha1.startswith("b3 7a 4f 2c c0 62 4f 16 90 f6")


def test_keys_are_sixteen_bytes_and_never_the_same():
    keys = {fresh_key() for _ in range(20)}
    assert len(keys) == 20
    assert {len(base64.b64decode(key)) for key in keys} == {16}


@pytest.mark.parametrize(
    ("key", "words"), [("SGVsbG8=", "5 bytes"), ("no base64!", "no base64"), ("é", "no base64")]
)
def test_what_is_wrong_with_a_key(key, words):
    assert words in Handshake(request(key), b"").fault


def test_nothing_at_all():
    hand = Handshake(b"", b"")
    assert (hand.key, hand.status, hand.answer) == ("", 0, "")


def test_where_a_head_ends():
    assert head_end(b"HTTP/1.1 101 x\r\n\r") is None
    assert head_end(b"a\r\n\r\nrest") == 5
