"""What stands in the form becomes exact bytes."""

from dataclasses import asdict

import pytest
from web.lab.anatomy import requests
from web.lab.problem import BadInput
from web.lab.request import DESTINATIONS, MOST_BYTES, compose
from web.lab.shelf import MALFORMED, SHELF, WELL_FORMED

FORM = {"method": "POST", "target": "/echo", "version": "HTTP/1.1", "fields": "Host: {host}", "content": ""}


def composed(to="httpd", **fields):
    return compose({**FORM, **fields}, DESTINATIONS[to].prefix, "lab.example:8080")


def test_the_bytes():
    assert composed(fields="Host: {host}\r\nContent-Length: {length}\r\n", content="héllo") == [
        b"POST /echo HTTP/1.1\r\nHost: lab.example:8080\r\nContent-Length: 6\r\n\r\nh\xc3\xa9llo"
    ]


def test_through_nginx_paths_have_a_prefix():
    content = "GET {prefix}/hello HTTP/1.1\n\n"
    (direct,), (nginx,) = composed(content=content), composed("nginx-httpd", content=content)
    assert nginx == direct.replace(b" /", b" /httpd/")
    assert composed("nginx-httpd", target="*")[0].startswith(b"POST * HTTP/1.1\r\n")


def test_line_breaks_can_be_written_into_anything():
    assert composed(method=r"G\r\nET", fields=r"A: b\nC: d\x00")[0].startswith(
        b"G\r\nET /echo HTTP/1.1\r\nA: b\nC: d\x00\r\n\r\n"
    )


def test_the_content_may_come_later():
    assert composed(content="x", later="on") == [
        b"POST /echo HTTP/1.1\r\nHost: lab.example:8080\r\n\r\n",
        b"x",
    ]


def test_a_folded_line_stays_one():
    assert b"A: b\r\n  c\r\n\r\n" in composed(fields="A: b\r\n  c")[0]


def test_too_long():
    with pytest.raises(BadInput, match="the lab sends 12,288 at most"):
        composed(content="x" * MOST_BYTES)


@pytest.mark.parametrize("sample", SHELF.values(), ids=SHELF)
def test_the_shelf_holds_what_it_says(sample):
    pieces = compose(asdict(sample) | {"later": ""}, "", "localhost")
    found = requests(b"".join(pieces))
    wrong = [part.fault for message in found for part in message.parts if part.fault]
    well = all(message.complete for message in found) and not wrong
    assert well == (sample in WELL_FORMED)
    assert (sample in MALFORMED) == (not well)
