"""The HTTP lab, with the hand-written server itself at the other end."""

import html
import subprocess
import sys
from dataclasses import asdict

import pytest
from django.conf import settings
from django.test import Client, override_settings
from web.environment import Address
from web.lab import conversation, turns
from web.lab.shelf import SHELF

FORM = {"method": "GET", "target": "/hello", "version": "HTTP/1.1", "fields": "Host: {host}", "content": ""}


@pytest.fixture(scope="module")
def httpd():
    command = [sys.executable, "-m", "httpd", "--listen", "127.0.0.1:0", "--model", "selector"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if line.startswith("listening on "):
                break
        host, _, port = line.split()[-1].rpartition(":")
        yield Address(host, int(port))
        process.terminate()
        process.stderr.read()


@pytest.fixture
def client(httpd):
    with override_settings(HTTPD_ADDRESS=httpd):
        yield Client(raise_request_exception=False, enforce_csrf_checks=True)


def send(client, to=("httpd",), **fields):
    response = client.post("/lab/http/", {**FORM, "to": to, **fields})
    return response, html.unescape(response.content.decode())


def statuses(response):
    return [outcome.statuses for outcome in response.context["outcomes"]]


def test_the_form_is_filled_in_from_the_shelf(client):
    text = html.unescape(client.get("/lab/http/?show=chunked").content.decode())
    assert SHELF["chunked"].look in text
    assert "Transfer-Encoding: chunked" in text
    assert 'href="?show=chunked" aria-current="true"' in text
    assert all(f'href="?show={slug}"' in text for slug in SHELF)


def test_an_unknown_sample_is_the_first(client):
    assert SHELF["get"].look in html.unescape(client.get("/lab/http/?show=nonsense").content.decode())


def test_request_and_response(client):
    response, text = send(client)
    assert statuses(response) == [[200]]
    assert (
        'p-request-line" title="request-line (RFC 9112, 3)">GET /hello HTTP/1.1<i class="control">\\r\\n</i>'
        in text
    )
    assert "Hello, World! This is an HTTP response." in text
    assert "RFC 9110, 6.4" in text


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("get", [200]),
        ("form", [200]),
        ("cookies", [200, 200]),
        ("chunked", [200]),
        ("pipelined", [200, 200, 404]),
        ("head", [200]),
        ("expect", [100, 200]),
        ("two-lengths", [400]),
        ("smuggling", [400]),
        ("bare-lf", [400]),
        ("obs-fold", [400]),
        ("bad-chunk", [400]),
        ("space-colon", [400]),
        ("no-host", [400]),
        ("control", [400]),
    ],
)
def test_the_shelf_and_the_server_agree(client, slug, expected):
    sample = {name: value for name, value in asdict(SHELF[slug]).items() if value is not False}
    response, _ = send(client, **sample)
    assert statuses(response) == [expected]


def test_a_request_that_is_never_finished(client, monkeypatch):
    monkeypatch.setattr(conversation, "SILENCE", 0.1)
    response, text = send(client, **asdict(SHELF["unfinished"]) | {"later": ""})
    assert statuses(response) == [[]]
    assert "no answer" in text
    assert "Nothing more came, so we close." in text
    assert "It may wait for the rest of a request" in text


def test_several_servers_at_once(client, httpd, nobody):
    with override_settings(NGINX_ADDRESS=httpd, WEB_ADDRESS=nobody):
        response, text = send(client, to=("httpd", "nginx-httpd", "web"))
    # Without an nginx in between, httpd knows no /httpd/hello.
    assert statuses(response) == [[200], [404], []]
    assert "Connection refused. Is it up?" in text


def test_what_a_server_that_speaks_no_http_says(client, bytes_service):
    with bytes_service(lambda _: b"220 mail\r\n") as address, override_settings(HTTPD_ADDRESS=address):
        response, text = send(client)
    assert (response.status_code, "220 mail" in text, "no answer" in text) == (200, True, True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": ()}, "Choose at least one server"),
        ({"to": ("127.0.0.1:22",)}, "Choose at least one server"),
        ({"content": "x" * 13_000}, "the lab sends 12,288 at most"),
        ({"fields": "\\q"}, "A backslash begins"),
    ],
)
def test_what_can_not_be_sent(client, fields, sentence):
    response, text = send(client, **fields)
    assert (response.status_code, sentence in text) == (400, True)


def test_what_was_typed_is_shown_as_text(client):
    response, _ = send(client, target="/<script>alert(1)</script>", fields="<b>: c\r\n\r\n<i>")
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "<b>: c" not in page
    assert page.count("&lt;b&gt;: c") == 2  # in the form, and on the wire


def test_an_empty_form_is_no_error_of_ours(client):
    response = client.post("/lab/http/", {"to": "httpd"})
    assert response.status_code == 200


def test_only_so_many_at_once(client, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with turns.turn(), turns.turn():
        response, text = send(client)
        assert (response.status_code, "Too many others" in text) == (503, True)
    assert settings.WEB_THREADS == 4
    assert send(client)[0].status_code == 200


def test_other_sites_may_not(client):
    response = client.post("/lab/http/", {**FORM, "to": "httpd"}, headers={"Origin": "http://evil.example"})
    assert response.status_code == 403
