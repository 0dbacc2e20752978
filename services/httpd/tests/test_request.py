"""What a handler can ask of a request."""

import pytest
from httpd.head import HeadReader
from httpd.limits import Limits
from httpd.request import MOST_FORM_FIELDS, Request, parse_form
from hypothesis import given
from hypothesis import strategies as st


def read(octets: bytes) -> Request:
    found = HeadReader(Limits()).read(octets)
    assert found is not None
    return found[0]


def test_fields_as_spelled_and_by_name() -> None:
    request = read(
        b"GET / HTTP/1.1\r\nHost: a\r\nX-One:  1\t\r\nx-one: 2\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n"
    )
    assert request.fields == [
        ("Host", "a"),
        ("X-One", "1"),
        ("x-one", "2"),
        ("Cookie", "a=1"),
        ("Cookie", "b=2"),
    ]
    assert request.field("x-one") == "1, 2"
    assert request.field("cookie") == "a=1; b=2"
    assert request.field("x-two") == ""
    assert request.field("x-two", "none") == "none"


def test_a_value_with_colons() -> None:
    assert read(b"GET / HTTP/1.1\r\nHost: [::1]:80\r\nX: a:b: c\r\n\r\n").fields[1] == ("X", "a:b: c")


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /? HTTP/1.1\r\nHost:a\r\nX: \xff \t\r\n\r\n",
        b"GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
    ],
)
def test_the_head_is_kept_octet_for_octet(octets: bytes) -> None:
    assert read(octets).head == octets


def test_path_as_text() -> None:
    assert read(b"GET /caf%C3%A9/%2e%2E/%ff HTTP/1.1\r\nHost: a\r\n\r\n").path_text == "/café/../\ufffd"


def test_an_absolute_target_beats_host() -> None:
    request = read(b"GET http://right:81/x HTTP/1.1\r\nHost: wrong\r\n\r\n")
    assert (request.authority, request.path, request.target) == ("right:81", "/x", "http://right:81/x")


def test_cookies() -> None:
    request = read(b'GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; b="2"; a=3; nonsense; c=x=y;d=\r\n\r\n')
    assert request.cookies == {"a": "1", "b": '"2"', "c": "x=y", "d": ""}


def test_forms() -> None:
    assert parse_form("a=1&a=2&b=&c=%C3%A9+%26&%C3%A9=1") == {
        "a": ["1", "2"],
        "b": [""],
        "c": ["é &"],
        "é": ["1"],
    }
    assert parse_form("") == {}


def test_a_form_has_so_many_fields_and_no_more() -> None:
    assert len(parse_form("&".join(f"f{n}=1" for n in range(MOST_FORM_FIELDS)))) == MOST_FORM_FIELDS
    with pytest.raises(ValueError, match="number of fields"):
        parse_form("&".join(["a=1"] * (MOST_FORM_FIELDS + 1)))


@given(st.text())
def test_any_query_can_be_asked_for(text: str) -> None:
    quoted = text.encode("utf-8", "surrogatepass").hex()
    request = Request(
        "GET", "/", "a=" + "".join(f"%{quoted[n : n + 2]}" for n in range(0, len(quoted), 2)), "Host: a"
    )
    assert list(request.query_values) == ["a"]
