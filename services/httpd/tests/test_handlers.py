"""The demo's pages, as a browser and as a program ask for them."""

import json
import re
from html import unescape

import pytest
from httpd.site.handlers import MOST_PIECES, router, sign, unsign
from memory import Answered, connect, read_answers


def ask(line: str, *fields: str, content: bytes = b"") -> Answered:
    length = [f"Content-Length: {len(content)}"] if content else []
    lines = "".join(text + "\r\n" for text in (f"{line} HTTP/1.1", "Host: a", *fields, *length))
    (answer,) = read_answers(
        connect(router).receive(lines.encode() + b"\r\n" + content).sent, [line.partition(" ")[0]]
    )
    return answer


def links(page: bytes) -> set[str]:
    return {unescape(link) for link in re.findall(r'(?:href|src|action)="([^"]*)"', page.decode())}


def test_hello() -> None:
    answer = ask("GET /hello")
    assert (answer.status, answer.fields["content-type"]) == (200, "text/plain")
    assert answer.content == b"Hello, World! This is an HTTP response."
    assert ask("GET /hello/Zo%C3%AB").content == "Hello, Zoë! This is an HTTP response.".encode()


def test_echo() -> None:
    octets = bytes(range(256))
    assert ask("POST /echo", content=octets).content == octets
    assert ask("POST /echo").content == b""
    assert ask("GET /echo").status == 405


def test_the_page_with_an_image_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router, "counts", lambda: {"requests": 12345, "accepted": 2, "open": 1})
    answer = ask("GET /")
    assert answer.fields["content-security-policy"] == (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert b'<img src="test.jpg"' in answer.content
    assert b"12,345" in answer.content
    image = ask("GET /test.jpg")
    assert image.fields["content-type"] == "image/jpeg"
    assert image.content.startswith(b"\xff\xd8\xff")
    assert ask("GET /static/style.css").fields["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("page", ["/", "/form", "/inspect", "/visits", "/nowhere", "/a/b/c"])
def test_every_link_of_every_page_leads_somewhere(page: str) -> None:
    # Relative, so that they do behind a prefix as well.
    answer = ask(f"GET {page}", "Accept: text/html")
    found = links(answer.content)
    assert found
    for link in found - {"../" * page.count("/"), "./../"}:
        assert not link.startswith(("/", "http"))
        depth = page.count("/") - 1
        assert link.count("../") == (depth if link.startswith(".") else 0) or link == "./"
        assert ask(f"GET /{link.replace('../', '').removeprefix('./')}").status == 200


def test_health() -> None:
    assert ask("GET /livez").content == b"ok\n"
    assert json.loads(ask("GET /healthz").content)["status"] == "ok"


def test_inspect_shows_the_request_three_ways() -> None:
    octets = b'<script>"\xff\r\n'
    page = ask("BREW /inspect?a=1&a=%C3%A9", "X-Odd:  <b>", content=octets).content.decode()
    assert "<script>" not in page
    text = unescape(page)
    assert "42 52 45 57 20 2f 69 6e  73" in text.replace("  ", " ").replace("6e 73", "6e  73")  # BREW /ins
    assert "BREW /inspect?a=1&a=%C3%A9 HTTP/1.1" in text
    assert "a = é" in text
    assert '<script>"\ufffd' in text
    assert "127.0.0.1 port 50000" in text


def test_inspect_shows_a_long_content_in_part() -> None:
    assert "more" in ask("POST /inspect", content=b"x" * 10_000).content.decode()


class TestForm:
    KIND = "Content-Type: application/x-www-form-urlencoded; charset=utf-8"

    def test_query(self) -> None:
        page = unescape(ask("GET /form?a=1&a=2&b=%3Ci%3E+%C3%A9&c=").content.decode())
        for value in ("1", "2", "<i> é", ""):
            assert f"<td>{value}</td>" in page

    def test_content(self) -> None:
        page = ask("POST /form", self.KIND, content=b"a=1&a=2&b=<i>").content
        assert page.count(b"<th scope=row>a</th>") == 2
        assert b"&lt;i&gt;" in page

    def test_another_type(self) -> None:
        assert ask("POST /form", "Content-Type: application/json", content=b"{}").status == 415

    @pytest.mark.parametrize(
        "line", [*(f"GET {path}?{'a&' * 1001}" for path in ("/form", "/inspect", "/stream")), "POST /form"]
    )
    def test_too_many_fields(self, line: str) -> None:
        answer = ask(line, self.KIND, content=b"a=1&" * 1001 if line.startswith("POST") else b"")
        assert answer.status == 400
        assert b"too many" in answer.content


class TestVisits:
    def cookie(self, answer: Answered) -> str:
        text, *attributes = answer.fields["set-cookie"].split("; ")
        assert {"HttpOnly", "SameSite=Lax"} <= set(attributes)
        return text

    def test_counts(self) -> None:
        cookie = self.cookie(ask("GET /visits"))
        for count in range(2, 5):
            answer = ask("GET /visits", f"Cookie: theme=dark; {cookie}")
            assert f"{count} times" in answer.content.decode()
            cookie = self.cookie(answer)

    @pytest.mark.parametrize(
        "forged", ["visits=1000", "visits=1000.abc", "visits=", "visits=\xff.\xff", "visits=²"]
    )
    def test_nobody_else_can_write_one(self, forged: str) -> None:
        octets = (
            b"GET /visits HTTP/1.1\r\nHost: a\r\nCookie: " + forged.encode("latin-1", "replace") + b"\r\n\r\n"
        )
        (answer,) = read_answers(connect(router).receive(octets).sent)
        assert "1 time." in answer.content.decode()

    def test_signatures(self) -> None:
        assert unsign(b"key", sign(b"key", 7)) == 7
        assert unsign(b"other", sign(b"key", 7)) == 0
        assert unsign(b"key", "8" + sign(b"key", 7)[1:]) == 0


class TestStream:
    def test_in_chunks(self) -> None:
        memory = connect(router)
        memory.receive(b"GET /stream?pieces=3 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert memory.sent.count(b"\r\npiece ") == 3
        (answer,) = read_answers(memory.sent)
        assert answer.content == b"piece 1 of 3\npiece 2 of 3\npiece 3 of 3\n"

    @pytest.mark.parametrize("pieces", ["0", "-1", "x", "²", str(MOST_PIECES + 1), "9" * 5000])
    def test_a_number_that_is_none(self, pieces: str) -> None:
        octets = f"GET /stream?pieces={pieces.replace('²', '%C2%B2')} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        (answer,) = read_answers(connect(router).receive(octets).sent)
        assert answer.status == 400
