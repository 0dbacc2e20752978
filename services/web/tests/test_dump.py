"""Bytes as hexadecimal and text."""

from web.lab.dump import readable, rows


def test_rows_of_two_halves():
    assert [row.halves for row in rows(b"GET / HTTP/1.1\r\n\x00\x7f\xff~")] == [
        [("47 45 54 20 2f 20 48 54", "GET / HT"), ("54 50 2f 31 2e 31 0d 0a", "TP/1.1··")],
        [("00 7f ff 7e", "···~")],
    ]
    assert list(rows(b"")) == []


def test_every_byte_has_one_character():
    assert all(len(text) == 8 for row in rows(bytes(range(256))) for _, text in row.halves)


def test_text_that_says_more_than_the_dump():
    assert readable("欢迎".encode()) == "欢迎"
    assert readable(b"plain") == readable(b"\xff\xfe") == ""
