"""Who may use the page, asked through Flask's test client."""

import logging
import re

import pytest
from locust.env import Environment

from loadtests import options, page
from loadtests.addresses import Stack
from loadtests.door import Door, PasswordError
from loadtests.users.ladder import LADDER

PASSWORD = "correct horse battery"


@pytest.fixture
def client_behind(monkeypatch):
    """Ask a page that has this door."""
    monkeypatch.setattr(options, "STACK", Stack.from_environment({}))
    monkeypatch.setattr("sys.argv", ["locust"])
    environment = Environment(user_classes=list(LADDER))
    environment.create_local_runner()

    def client(**environ):
        web_ui = environment.create_web_ui("127.0.0.1", 0, delayed_start=True)
        page.prepare(environment, web_ui, Door.from_environment(environ))
        return web_ui.app.test_client()

    yield client
    environment.runner.quit()


@pytest.fixture
def client(client_behind):
    return client_behind(ALLOWED_HOSTS="localhost,[::1],.example.org", LOCUST_ADDRESS="locust:8089")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8089", "[::1]:8089", "locust:8089", "example.org", "a.example.org:80"]
)
def test_our_names(client, host):
    assert client.get("/livez", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "notexample.org", "[", ""])
def test_a_foreign_name_is_refused_on_every_path(client, host):
    """Somebody else's page whose name leads here."""
    for path in ("/", "/livez", "/stats/requests"):
        assert client.get(path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "http://[", ""])
def test_a_form_from_another_page_is_refused(client, origin):
    answer = client.post("/swarm", data={"user_count": "1"}, headers={"Origin": origin})
    assert answer.status_code == 403


def test_a_form_from_our_page_is_taken(client):
    answer = client.post("/swarm", data={"payload": "-1"}, headers={"Origin": "http://localhost"})
    assert answer.get_json()["message"].startswith("Payload")


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.2", "::1", "[::1]", ""])
def test_on_this_machine_nobody_is_asked(client_behind, bind):
    assert client_behind(BIND=bind).get("/").status_code == 200


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.1", "[2001:db8::1]"])
def test_opened_to_others_it_asks_and_says_in_its_log_what_for(client_behind, caplog, bind):
    with caplog.at_level(logging.WARNING):
        client = client_behind(BIND=bind)
    password = re.search(r"password (\S+) \(", caplog.text)[1]
    assert len(password) > 20
    assert client.get("/").status_code == 401
    assert client.get("/", auth=("locust", password)).status_code == 200


class TestPassword:
    @pytest.fixture
    def client(self, client_behind):
        return client_behind(LOCUST_PASSWORD=PASSWORD)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/"),
            ("POST", "/swarm"),
            ("GET", "/stop"),
            ("GET", "/stats/reset"),
            ("GET", "/layercake/now"),
            ("GET", "/microseconds"),
            ("GET", "/exceptions"),
            ("POST", "/livez"),
            ("GET", "/no/such/page"),
        ],
    )
    @pytest.mark.parametrize("auth", [None, ("locust", "wrong"), ("eve", PASSWORD), ("locust", ""), ("", "")])
    def test_without_it_nothing_is_done(self, client, method, path, auth):
        answer = client.open(path, method=method, auth=auth)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert PASSWORD not in answer.text

    def test_with_it_the_page_is_as_ever(self, client):
        assert client.get("/", auth=("locust", PASSWORD)).status_code == 200

    @pytest.mark.parametrize("path", ["/livez", "/healthz", "/stats/requests"])
    def test_health_is_asked_without(self, client, path):
        assert client.get(path).status_code == 200

    def test_a_short_one_is_refused(self):
        with pytest.raises(PasswordError, match="12 characters or more"):
            Door.from_environment({"LOCUST_PASSWORD": "short"})
