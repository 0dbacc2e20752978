"""A response that could be read as two can't be built."""

import re

import pytest
from httpd.errors import ApplicationError
from httpd.response import DateLine, File, Response, field_line, status_line
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(), st.text())
def test_a_field_is_one_line_or_none(name: str, value: str) -> None:
    try:
        line = field_line(name, value)
    except ApplicationError:
        return
    assert re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [\t\x20-\x7e\x80-\xff]*\r\n", line)


@pytest.mark.parametrize("value", ["a\r\nEvil: 1", "a\nEvil: 1", "a\r", "\0", "\x7f", "\u2028", "é\u0100"])
def test_a_field_that_is_more_than_a_line(value: str) -> None:
    with pytest.raises(ApplicationError):
        Response().add("X", value)
    with pytest.raises(ApplicationError):
        Response(content_type=value)


@pytest.mark.parametrize("name", ["", "a b", "a:", "é", "a\r\nb"])
def test_a_name_that_is_no_token(name: str) -> None:
    with pytest.raises(ApplicationError):
        Response().add(name, "x")


def test_a_status_of_ones_own() -> None:
    assert status_line(299, "Fine, mostly") == b"HTTP/1.1 299 Fine, mostly\r\n"
    for status, phrase in ((99, "Low"), (1000, "High"), (200, "OK\r\nEvil: 1")):
        with pytest.raises(ApplicationError):
            status_line(status, phrase)


def test_text_is_utf_8() -> None:
    assert Response("é").content == "é".encode()


def test_the_date_changes_with_the_second() -> None:
    now = 784111777.0
    date = DateLine(lambda: now)
    assert date.read() == b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    now += 0.9
    assert date.read() == b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    now += 0.1
    assert date.read() == b"Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n"
    now -= 3600  # a clock that was set back
    assert date.read() == b"Date: Sun, 06 Nov 1994 07:49:38 GMT\r\n"


def test_what_it_holds_is_given_back_once() -> None:
    closed: list[str] = []
    response = Response.send_file(File(0, 0, 1, lambda: closed.append("file")))
    response.close = lambda: closed.append("pieces")
    response.end()
    response.end()
    assert closed == ["file", "pieces"]
