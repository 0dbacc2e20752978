"""Who is let in: by the name that they ask for, and by the page that they come from."""

import pytest
from door.client import ask


class TestHost:
    @pytest.mark.parametrize(
        "host",
        ["localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]:8080", "nginx", "example.org", "a.b.example.org"],
    )
    def test_ours(self, get, host):
        assert get("/hello/", Host=host).status == 200

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "localhost.evil.example",
            "xlocalhost",
            "127.0.0.10",
            "org",
            "evilexample.org",
            "*",
            ".",
        ],
    )
    @pytest.mark.parametrize("path", ["/", "/httpd/hello", "/locust/", "/static/x", "/ws/echo"])
    def test_foreign(self, get, host, path):
        answer = get(path, Host=host)
        assert answer.status == 400

    def test_a_list_is_not_a_name(self, get):
        assert get("/", Host="localhost,127.0.0.1").status == 400

    def test_what_to_do_about_it(self, get):
        assert b"ALLOWED_HOSTS" in get("/", Host="layercake.lan").content


class TestLocustForms:
    """Locust starts a load test for whoever sends it a form."""

    @pytest.mark.parametrize("origin", ["http://127.0.0.1:{}", None])
    def test_its_own_page_and_programs(self, door, origin):
        headers = {"Origin": origin.format(door.port())} if origin else {}
        assert ask(door.port(), "POST", "/locust/swarm", b"user_count=1", headers).status == 200

    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1"]
    )
    def test_another_site_s_page(self, door, origin):
        answer = ask(door.port(), "POST", "/locust/swarm", b"user_count=1", {"Origin": origin})
        assert answer.status == 403
        assert b"its own page" in answer.content


@pytest.mark.parametrize("method", ["TRACE", "trace", "CONNECT"])
@pytest.mark.parametrize("path", ["/", "/httpd/echo", "/locust/", "/static/x"])
def test_nobody_is_told_what_they_sent(door, method, path):
    """TRACE would tell a page what its browser sends along and does not show it. nginx refuses it itself."""
    answer = ask(door.port(), method, path, headers={"X-Secret": "hidden"})
    assert answer.status in {400, 405}
    assert b"hidden" not in answer.content
    (event,) = door.events(request_id=answer.fields("X-Request-ID")[0])
    assert event["upstream"] == ""
