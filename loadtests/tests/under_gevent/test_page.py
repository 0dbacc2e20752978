"""Locust's page as we change it, asked through Flask's test client."""

import pytest
from locust.env import Environment

from loadtests import options, page
from loadtests.addresses import Stack
from loadtests.users.ladder import LADDER


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setattr(options, "STACK", Stack.from_environment({}))
    monkeypatch.setattr("sys.argv", ["locust"])  # Locust parses it for its form
    classes = {user.__name__: user for user in LADDER}
    environment = Environment(user_classes=list(LADDER), available_user_classes=classes)
    environment.available_user_tasks = {name: user.tasks for name, user in classes.items()}
    return environment


@pytest.fixture
def client(environment):
    environment.create_master_runner("127.0.0.1", 0)
    yield client_of(environment)
    environment.runner.quit()


def client_of(environment):
    web_ui = environment.create_web_ui("127.0.0.1", 0, userclass_picker_is_active=True, delayed_start=True)
    page.prepare(environment, web_ui)
    return web_ui.app.test_client()


def test_the_classes_are_in_the_order_of_the_ladder(client):
    text = client.get("/").get_data(as_text=True)
    users = text.index('"users"')
    places = [text.index(f'"{user.__name__}": {{"', users) for user in LADDER]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"payload": "-1"}, "Payload is '-1'"),
        ({"via": "pigeon"}, "Via is 'pigeon'"),
        ({"host": "http://example.com"}, "Host example.com:80 is not an address of this stack"),
        (
            {"host": "127.0.0.1:8001", "user_classes": ["HttpdEcho", "WebEcho"]},
            "Host 127.0.0.1:8001 is httpd",
        ),
    ],
)
def test_a_form_that_cannot_be_run_is_answered_with_a_sentence(client, environment, form, sentence):
    answer = client.post("/swarm", data={"user_count": "1", "spawn_rate": "1"} | form).get_json()
    assert not answer["success"]
    assert answer["message"].startswith(sentence)
    assert not environment.host
    assert environment.runner.state == "ready"


def test_a_form_that_can_be_run_gets_through(client, environment):
    form = {"user_count": "1", "spawn_rate": "1", "host": "127.0.0.1:8001", "user_classes": ["HttpdEcho"]}
    answer = client.post("/swarm", data=form).get_json()
    assert answer["success"]


def test_health_without_a_worker(client):
    assert client.get("/livez").status_code == 200
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["reason"] == "no Locust worker is connected"


def test_health_of_a_single_process(environment):
    environment.create_local_runner()
    assert client_of(environment).get("/healthz").status_code == 200
