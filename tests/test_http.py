"""The HTTP rungs over the wire: the ladder's two jobs on each, through nginx and around it."""

import http.client
import random
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from wire.http import fetch, send
from wire.tcp import DEADLINE, connected, receive_until_closed

#: Where each rung says hello: Django's habit is a slash at the end, the hand-written server has none.
HELLO = {"web": "/hello/", "httpd": "/hello", "httpd-wsgi": "/hello"}
CONTENTS = {
    "empty": b"",
    "64 B": random.Random(1).randbytes(64),
    "64 KiB": random.Random(2).randbytes(64 * 1024),
}


@pytest.fixture(params=HELLO)
def rung(request):
    return request.param


@pytest.fixture
def base(stack, rung, way):
    return stack.http(rung, way)


class TestHello:
    def test_says_hello(self, base, rung):
        response = fetch(base, HELLO[rung])
        assert response.status == 200
        assert response.headers.get_content_type() == "text/plain"
        assert response.text.startswith("Hello, World!")

    def test_djangos_words_are_the_tutorials(self, stack, way):
        response = fetch(stack.http("web", way), "/hello/")
        assert response.text.strip() == "Hello, World! This is an HTTP response."

    def test_head_is_get_without_the_content(self, base, rung):
        whole, head = fetch(base, HELLO[rung]), fetch(base, HELLO[rung], method="HEAD")
        assert head.status == 200
        assert head.content == b""
        assert head.headers["Content-Length"] == str(len(whole.content))

    def test_two_requests_on_one_connection(self, base, rung):
        connection = http.client.HTTPConnection(base.host, base.port, timeout=DEADLINE)
        try:
            first = send(connection, "GET", base.prefix + HELLO[rung])
            kept = connection.sock
            second = send(connection, "GET", base.prefix + HELLO[rung])
            assert first.content == second.content
            assert connection.sock is kept is not None
        finally:
            connection.close()

    def test_connection_close_is_obeyed(self, base, rung):
        with connected((base.host, base.port)) as sock:
            path = base.prefix + HELLO[rung]
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {base.host}\r\nConnection: close\r\n\r\n".encode())
            answer = receive_until_closed(sock)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close\r\n" in answer.lower()


class TestEcho:
    @pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
    def test_byte_for_byte(self, base, content):
        response = fetch(base, "/echo", method="POST", content=content)
        assert response.status == 200
        assert response.content == content
        assert response.headers["Content-Length"] == str(len(content))

    def test_content_in_chunks(self, base):
        """A length that is not known beforehand; gunicorn, nginx and our own server all have to decode it."""
        pieces = [b"a" * 10, random.Random(3).randbytes(5000), b"z"]
        connection = http.client.HTTPConnection(base.host, base.port, timeout=DEADLINE)
        try:
            connection.request("POST", base.prefix + "/echo", iter(pieces), encode_chunked=True)
            response = connection.getresponse()
            assert response.status == 200
            assert response.read() == b"".join(pieces)
        finally:
            connection.close()

    @pytest.mark.parametrize("way", ["direct"])  # through nginx, GET /echo of the site is a WebSocket's
    def test_a_get_is_refused_with_the_method_that_is_not(self, base):
        response = fetch(base, "/echo")
        assert response.status == 405
        assert "POST" in response.headers["Allow"]


class TestPage:
    def test_its_image_is_one_wherever_the_page_is_served_from(self, stack, way):
        """An address of the image that starts with a slash would point outside of nginx's prefix."""
        base = stack.http("httpd", way)
        page = fetch(base, "/")
        assert page.status == 200
        assert page.headers.get_content_type() == "text/html"
        (source,) = images_of(page.text)
        path = urlsplit(urljoin(base.url("/"), source)).path
        assert path.startswith(base.prefix)
        image = fetch(base, path.removeprefix(base.prefix))
        assert image.status == 200
        assert image.headers.get_content_type() == "image/jpeg"
        assert image.content.startswith(b"\xff\xd8\xff")
        assert image.content.endswith(b"\xff\xd9")


class TestRefusals:
    def test_an_unknown_path(self, base):
        assert fetch(base, "/no/such/page").status == 404

    def test_a_request_that_is_no_http(self, base):
        with connected((base.host, base.port)) as sock:
            sock.sendall(b"this is not HTTP\r\n\r\n")
            assert b" 400 " in receive_until_closed(sock).split(b"\r\n")[0]


def images_of(page):
    class Images(HTMLParser):
        def __init__(self):
            super().__init__()
            self.sources = []

        def handle_starttag(self, tag, attrs):
            if tag == "img":
                self.sources.append(dict(attrs)["src"])

    parser = Images()
    parser.feed(page)
    return parser.sources
