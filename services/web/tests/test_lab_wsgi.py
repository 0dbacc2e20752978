"""The WSGI lab: its page, and what four real servers make of what it sends."""

import html
from dataclasses import asdict

import pytest
from django.test import Client, override_settings
from web.lab import server, turns
from web.lab.environ_shelf import ENVIRON_SHELF
from web.lab.problem import Unreachable
from web.views import lab_wsgi

FORM = {
    "method": "GET",
    "target": "/hello?a=b",
    "version": "HTTP/1.1",
    "fields": "Host: {host}",
    "content": "",
}
TITLES = ["wsgiref", "Werkzeug", "httpd", "Gunicorn"]


@pytest.fixture
def client():
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def send(client, **fields):
    response = client.post("/lab/wsgi/", {**FORM, **fields})
    return response, html.unescape(response.content.decode())


def row(response, name):
    rows = {row.name: row for group in response.context["groups"] for row in group.rows}
    return [value for _, value in rows[name].cells]


def sample(slug):
    return {name: value for name, value in asdict(ENVIRON_SHELF[slug]).items() if value is not False}


def test_the_form_holds_the_visitors_own_request(client):
    headers = {"User-Agent": "curious/1.0", "Accept": r"text/html; q={1}\2", "X-Real-Ip": "192.0.2.1"}
    response = client.get("/lab/wsgi/", headers=headers)
    fields = response.context["form"]["fields"].splitlines()
    assert fields[0] == "Host: {host}"
    assert "User-Agent: curious/1.0" in fields
    assert r"Accept: text/html; q=\x7b1}\\2" in fields
    assert not any("192.0.2.1" in line for line in fields)
    text = html.unescape(response.content.decode())
    assert "def application(environ: Environ" in text
    assert all(title in text for title in TITLES)
    assert all(f'href="?show={slug}"' in text for slug in ENVIRON_SHELF)


def test_the_form_is_filled_in_from_the_shelf(client):
    text = html.unescape(client.get("/lab/wsgi/?show=chunked").content.decode())
    assert ENVIRON_SHELF["chunked"].look in text
    assert 'href="?show=chunked" aria-current="true"' in text


def test_all_four(client):
    response, text = send(client)
    assert response.status_code == 200
    assert [outcome.statuses for outcome in response.context["outcomes"]] == [[200]] * 4
    assert [outcome.server.title for outcome in response.context["called"]] == TITLES
    assert row(response, "QUERY_STRING") == ["'a=b'"] * 4
    assert row(response, "wsgi.multithread") == ["False", "True", "True", "True"]
    assert len(set(row(response, "SERVER_SOFTWARE"))) == 4
    assert "GET brought 0 bytes." in text
    assert "(not shown)" in text
    assert "and not of the request" not in text


def test_chunks(client):
    response, _ = send(client, **sample("chunked"))
    assert row(response, "wsgi.input.read()") == ["''", *["'Hello, chunks'"] * 3]


def test_who_believes_a_proxy(client):
    response, _ = send(client, **sample("proxy"))
    assert row(response, "wsgi.url_scheme") == ["'http'", "'http'", "'http'", "'https'"]


def test_who_refuses(client):
    response, text = send(client, **sample("refused"))
    assert [outcome.server.title for outcome in response.context["called"]] == ["wsgiref", "Werkzeug"]
    assert [outcome.statuses for outcome in response.context["outcomes"]] == [[200], [200], [400], [400]]
    assert text.count("The application was not called.") == 2


def test_a_server_that_does_not_start(client, monkeypatch):
    def nobody(*_arguments, **_options):
        raise Unreachable("The server has not started: no memory.")

    monkeypatch.setattr(lab_wsgi, "call", nobody)
    response, text = send(client)
    assert (response.status_code, text.count("The server has not started: no memory.")) == (200, 4)
    assert "What the application was given" in text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"content": "x" * 13_000}, "the lab sends 12,288 at most"), ({"fields": "\\q"}, "A backslash begins")],
)
def test_what_can_not_be_sent(client, fields, sentence):
    response, text = send(client, **fields)
    assert (response.status_code, sentence in text) == (400, True)


def test_what_was_typed_is_shown_as_text(client):
    response, _ = send(client, target="/<script>alert(1)</script>", fields="Host: {host}\nX-Note: <b>&")
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "<b>&" not in page


def test_only_one_at_a_time(client, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with turns.turn(server.places):
        response, text = send(client)
    assert (response.status_code, "Too many others" in text) == (503, True)
    assert server.places.acquire(blocking=False)
    server.places.release()


def test_other_sites_may_not(client):
    response = client.post("/lab/wsgi/", FORM, headers={"Origin": "http://evil.example"})
    assert response.status_code == 403


def test_nothing_is_started_by_a_link(client):
    with override_settings(LAB_SERVERS_ENVIRONMENT=None):  # which starting would trip over
        assert client.get("/lab/wsgi/?method=GET&target=/").status_code == 200
