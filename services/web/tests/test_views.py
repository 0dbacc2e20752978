"""Every address of the site, asked as Django hears it."""

import html
import json
import logging
import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.template import loader
from django.test import Client, override_settings
from django.urls import path
from web import store
from web.ladder import AROUND, LABS, RUNGS
from web.policy import POLICY
from web.stack import survey
from web.urls import handler400, handler403, handler404, handler500, urlpatterns
from web.views import rooms
from web.views.front import drawn


@pytest.fixture
def client():
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.fixture
def _no_redis(nobody):
    """A site whose Redis is gone, and its clients, which remember where it was."""
    with override_settings(REDIS_URL=f"redis://{nobody}/0"):
        store.client.cache_clear()
        rooms.log.cache_clear()
        yield
    store.client.cache_clear()
    rooms.log.cache_clear()


# --- the ladder's two ---------------------------------------------------------------------------------------


def test_hello(client):
    response = client.get("/hello/")
    assert (response.status_code, response.content) == (200, b"Hello, World! This is an HTTP response.")
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_head_has_the_length_and_no_content(client):
    response = client.head("/hello/")
    assert (response.status_code, response.content, response["Content-Length"]) == (200, b"", "39")


def test_hello_without_its_slash_is_shown_the_way(client):
    assert client.get("/hello")["Location"] == "/hello/"


@pytest.mark.parametrize("content", [b"", b"hi", bytes(range(256)) * 256])
def test_echo(client, content):
    response = client.post("/echo", content, content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.content) == (200, content)
    assert response["Content-Type"] == "application/octet-stream"


def test_echo_up_to_its_limit(client):
    limit = settings.MAX_CONTENT_BYTES
    assert client.post("/echo", b"x" * limit, content_type="text/plain").status_code == 200
    response = client.post("/echo", b"x" * (limit + 1), content_type="text/plain")
    assert (response.status_code, b"send less" in response.content) == (413, True)


def test_echo_is_for_post(client):
    assert client.get("/echo").status_code == 405


# --- health -------------------------------------------------------------------------------------------------


def test_healthy(client):
    assert client.get("/livez").json() == {"status": "ok"}
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.usefixtures("_no_redis")
def test_without_redis_it_lives_and_is_not_healthy(client):
    assert client.get("/livez").status_code == 200
    response = client.get("/healthz")
    assert response.status_code == 503
    assert "Redis" in response.json()["reason"]
    assert "Connection refused" in response.json()["reason"]


# --- rooms --------------------------------------------------------------------------------------------------


def test_a_message_comes_back_with_its_number(client):
    posted = client.post(
        "/rooms/one/messages", {"author": "Ada", "text": "Grüße"}, content_type="application/json"
    )
    assert posted.status_code == 201
    message = posted.json()
    assert (message["number"], message["author"], message["text"]) == (1, "Ada", "Grüße")
    assert client.get("/rooms/one/messages").json() == {"messages": [message], "last": 1, "missed": 0}
    assert client.get(posted["Location"]).json()["messages"] == [message]
    assert client.get("/rooms/one/messages?after=1").json()["messages"] == []


def test_a_form_posts_too(client):
    message = client.post("/rooms/two/messages", {"text": "by curl -d"}).json()
    assert (message["number"], message["author"]) == (1, "anonymous")


def test_a_limit_holds(client):
    for number in range(3):
        client.post("/rooms/three/messages", {"text": f"{number}"})
    page = client.get("/rooms/three/messages?after=1&limit=1").json()
    assert [message["number"] for message in page["messages"]] == [2]
    assert page["last"] == 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("after=x", "bad_number"),
        ("after=-1", "bad_number"),
        ("limit=0", "bad_number"),
        ("after=7", "after_in_future"),
    ],
)
def test_wrong_questions(client, query, code):
    response = client.get(f"/rooms/four/messages?{query}")
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_what_a_room_has_forgotten_is_told(client, settings):
    settings.ROOM_HISTORY = 3
    rooms.log.cache_clear()  # it keeps what it was made with
    try:
        for number in range(5):
            client.post("/rooms/nine/messages", {"text": f"{number}"})
    finally:
        rooms.log.cache_clear()
    page = client.get("/rooms/nine/messages?after=1").json()
    assert [message["number"] for message in page["messages"]] == [3, 4, 5]
    assert (page["last"], page["missed"]) == (5, 1)


def test_who_is_ahead_of_the_room_is_told_where_it_ends(client):
    client.post("/rooms/eight/messages", {"text": "hi"})
    assert client.get("/rooms/eight/messages?after=7").json()["last"] == 1


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ("{}", 400, "bad_text"),
        ("[]", 400, "bad_text"),
        ("{", 400, "bad_text"),
        ("[" * 20_000, 400, "bad_text"),
        ('{"text": " "}', 400, "bad_text"),
        ('{"text": 5}', 400, "bad_text"),
        ('{"text": "a", "author": ""}', 400, "bad_author"),
        (json.dumps({"text": "x" * 4097}), 413, "text_too_long"),
        (json.dumps({"text": "x" * 40_000}), 413, "text_too_long"),
    ],
)
def test_wrong_posts(client, content, status, code):
    response = client.post("/rooms/five/messages", content, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["detail"]


def test_a_wrong_room(client):
    assert client.get("/rooms/-/messages").json()["code"] == "bad_room"


def test_pages_of_other_sites_may_not_post(client):
    def post(origin):
        return client.post("/rooms/six/messages", {"text": "hi"}, headers={"Origin": origin}).status_code

    assert post("http://testserver") == 201
    assert [post(origin) for origin in ("http://evil.example", "null", "http://testserver:81")] == [403] * 3


@pytest.mark.usefixtures("_no_redis")
def test_a_room_without_redis(client):
    response = client.get("/rooms/seven/messages")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


# --- the front page -----------------------------------------------------------------------------------------


def test_the_front_page_is_drawn_once_for_each_report_and_name(client):
    """However often it is asked for; and each visitor finds the name by which they came."""
    report = survey().latest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(survey(), "latest", lambda: report)
        drawn.cache_clear()
        pages = [client.get("/", headers={"host": host}).text for host in ("localhost", "localhost:81") * 3]
        assert drawn.cache_info().misses == len(set(pages)) == 2
        assert ["ws://localhost:81/" in page for page in pages] == [False, True] * 3
        patch.setattr(survey(), "latest", lambda: replace(report, moment=report.moment + 1))
        client.get("/")
        assert drawn.cache_info().misses == 3


def test_the_front_page_is_complete_without_a_script(client):
    response = client.get("/", headers={"Host": "127.0.0.1:8080"})
    text = html.unescape(response.content.decode())
    assert response.status_code == 200
    for service in RUNGS + AROUND:
        assert service.adds in text
        assert re.search(
            rf'class="(rung|card)" data-service="{service.name}" data-state="(up|down|failing)"', text
        )
        for link in service.links:
            assert not link.href or f'<a href="{link.href}">' in text
    assert all(f'<a href="{lab.href}">{lab.title}</a>' in text and lab.shows in text for lab in LABS)
    assert all(client.get(lab.href).status_code == 200 for lab in LABS)
    assert "printf hi | nc 127.0.0.1 9000" in text
    assert "curl --data-binary hi http://127.0.0.1:8080/echo" in text
    assert text.count("Connection refused.") >= 3  # nobody else is up in these tests


def test_the_status_names_every_service(client):
    response = client.get("/status/")
    services = response.json()["services"]
    assert set(services) == {service.name for service in RUNGS + AROUND}
    assert (services["web"]["state"], services["redis"]["state"], services["httpd"]["state"]) == (
        "up",
        "up",
        "down",
    )
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("address", "files"),
    [
        ("/", 6),
        ("/lab/tcp/", 4),
        ("/lab/http/", 4),
        ("/lab/wsgi/", 4),
        ("/lab/websocket/", 5),
        ("/lab/push/", 5),
    ],
)
def test_what_a_page_loads_is_there_small_and_ours(client, address, files):
    page = client.get(address).content
    loaded = len(page)
    queue, seen = [page.decode()], set()
    while queue:
        for url in re.findall(
            r"""(?:href|src|from|import)[= ]*["']([^"']+\.(?:js|css|svg))["']""", queue.pop()
        ):
            name = url if url.startswith("/") else f"/static/js/{url.removeprefix('./')}"
            assert re.fullmatch(r"/static/[\w/]+\.[0-9a-f]{12}\.\w+", name), name
            if name not in seen:
                seen.add(name)
                response = client.get(name)
                assert response.status_code == 200
                content = b"".join(response.streaming_content)
                loaded += len(content)
                queue.append(content.decode())
    assert len(seen) == files
    assert loaded < 100_000


# --- the push lab -------------------------------------------------------------------------------------------


def test_the_push_lab_and_its_commands(client):
    response = client.get("/lab/push/", headers={"Host": "127.0.0.1:8080"})
    text = html.unescape(response.content.decode())
    assert re.findall(r'data-transport="([^"]+)"', text) == [
        "polling",
        "long-polling",
        "streaming",
        "websocket",
        "tcp",
    ]
    assert text.count("(echo JOIN lab you; cat) | nc 127.0.0.1 9004") == 2
    assert "curl -N 'http://127.0.0.1:8080/rooms/lab/events'" in text
    assert "curl -d author=me -d text=hello http://127.0.0.1:8080/rooms/lab/messages" in text
    assert "need JavaScript" in text


# --- every page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/hello/", "/status/", "/healthz", "/rooms/a/messages", "/nothing"])
def test_security_fields(client, address):
    response = client.get(address)
    assert response["Content-Security-Policy"] == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert not response.cookies


def test_the_policy_allows_nothing_inline_and_nothing_foreign():
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


@pytest.mark.parametrize(
    "address", ["/", "/lab/tcp/", "/lab/http/", "/lab/wsgi/", "/lab/websocket/", "/lab/push/", "/nothing"]
)
def test_nothing_is_written_into_the_page(client, address):
    text = client.get(address).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)


# --- errors -------------------------------------------------------------------------------------------------


def broken(request):
    raise RuntimeError("It is broken.")


urlpatterns = [*urlpatterns, path("broken", broken)]


def test_not_found(client):
    response = client.get("/nothing")
    assert (response.status_code, b"nothing at this address" in response.content) == (404, True)


def test_a_form_that_no_page_of_ours_sends(client, caplog):
    response = client.post("/lab/tcp/", b"--x", content_type="multipart/form-data")
    assert response.status_code == 400
    assert b"try once more from there" in response.content
    assert b"ALLOWED_HOSTS" not in response.content


def test_a_host_that_is_not_ours(client, caplog):
    response = client.get("/", headers={"Host": "evil.example"})
    assert (response.status_code, b"ALLOWED_HOSTS" in response.content) == (400, True)
    assert response["Content-Security-Policy"] == POLICY
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.urls(__name__)
def test_our_own_mistake(client, caplog):
    with caplog.at_level(logging.ERROR):
        response = client.get("/broken")
    assert (response.status_code, b"Something broke on our side" in response.content) == (500, True)
    assert "It is broken." in caplog.text


def test_a_form_without_its_token(client):
    response = client.post("/status/", {})
    assert (response.status_code, b"This is not allowed" in response.content) == (403, True)


def test_our_own_mistake_stands_alone(client):
    text = loader.get_template("500.html").render()
    names = re.findall(r'(?:href|src)="/static/([^"]+)"', text)
    assert len(names) == 2
    assert all((settings.STATIC_ROOT / name).is_file() for name in names)


assert handler400
assert handler403
assert handler404
assert handler500
