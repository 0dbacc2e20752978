"""The WSGI demo, with the standard library's validator around it: it keeps its side of PEP 3333."""

import io
import json
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from httpd.demo import application


def ask(method: str, path: str, content: bytes = b"", **more: object) -> tuple[str, dict[str, str], bytes]:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "wsgi.input": io.BytesIO(content),
        **more,
    }
    setup_testing_defaults(environ)
    seen: list[tuple[str, dict[str, str]]] = []

    def start_response(status, headers, exc_info=None):
        seen.append((status, {name.lower(): value for name, value in headers}))
        return seen.append

    result = (
        validator(application)(environ, start_response)
        if path != "/echo"
        else application(environ, start_response)
    )
    answer = b"".join(result)
    if hasattr(result, "close"):
        result.close()
    return *seen[0], answer


@pytest.mark.parametrize(
    ("method", "path", "status", "content"),
    [
        ("GET", "/hello", "200 OK", b"Hello, World! This is an HTTP response."),
        ("HEAD", "/hello", "200 OK", b""),
        ("GET", "/livez", "200 OK", b"ok\n"),
        ("GET", "/nowhere", "404 Not Found", b"There is no such page here.\n"),
        ("GET", "/echo", "405 Method Not Allowed", b"This page does not take that method.\n"),
    ],
)
def test_pages(method: str, path: str, status: str, content: bytes) -> None:
    assert ask(method, path)[::2] == (status, content)


def test_echo() -> None:
    assert ask("POST", "/echo", b"hello")[2] == b"hello"


def test_allow() -> None:
    assert ask("DELETE", "/hello")[1]["allow"] == "GET, HEAD"


def test_health() -> None:
    assert json.loads(ask("GET", "/healthz")[2]) == {"status": "ok"}
    counted = ask("GET", "/healthz", **{"httpd.counts": lambda: {"requests": 7}})
    assert json.loads(counted[2]) == {"status": "ok", "requests": 7}


def test_the_pages_for_people() -> None:
    assert b'href="hello"' in ask("GET", "/")[2]
    assert b"REQUEST_METHOD: 'GET'" in ask("GET", "/environ")[2]
