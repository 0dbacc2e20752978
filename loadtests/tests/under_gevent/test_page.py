"""Locust's page as we change it, asked through Flask's test client."""

import pytest
from locust.env import Environment
from locust.runners import WorkerNode

from loadtests import options, page
from loadtests.addresses import Stack
from loadtests.door import Door
from loadtests.tally import LEDGER
from loadtests.users.ladder import LADDER
from loadtests.users.rooms import ROOMS


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setattr(options, "STACK", Stack.from_environment({}))
    monkeypatch.setattr("sys.argv", ["locust"])  # Locust parses it for its form
    classes = {user.__name__: user for user in (*LADDER, *ROOMS)}
    environment = Environment(user_classes=list(classes.values()), available_user_classes=classes)
    environment.available_user_tasks = {name: user.tasks for name, user in classes.items()}
    return environment


@pytest.fixture
def client(environment):
    environment.create_master_runner("127.0.0.1", 0)
    yield client_of(environment)
    environment.runner.quit()


def client_of(environment):
    web_ui = environment.create_web_ui("127.0.0.1", 0, userclass_picker_is_active=True, delayed_start=True)
    page.prepare(environment, web_ui, Door.from_environment({}))
    return web_ui.app.test_client()


def test_the_classes_are_in_the_order_of_the_ladder(client):
    text = client.get("/").get_data(as_text=True)
    users = text.index('"users"')
    places = [text.index(f'"{user.__name__}": {{"', users) for user in (*LADDER, *ROOMS)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"payload": "-1"}, "Payload is '-1'"),
        ({"via": "pigeon"}, "Via is 'pigeon'"),
        ({"host": "http://example.com"}, "Host example.com:80 is not an address of this stack"),
        (
            {"host": "example.com:80", "user_classes": ["Nobody"]},
            "Host example.com:80 is not an address of this stack",
        ),
        ({"host": "127.0.0.1:22"}, "Host 127.0.0.1:22 is not an address of this stack"),
        ({"host": "http://127.0.0.1:8080@example.com:80"}, "Host is"),
        (
            {"host": "127.0.0.1:8001", "user_classes": ["HttpdEcho", "WebEcho"]},
            "Host 127.0.0.1:8001 is httpd",
        ),
    ],
)
def test_a_form_that_cannot_be_run_is_answered_with_a_sentence(client, environment, form, sentence):
    environment.runner.clients["one"] = WorkerNode("one", state="ready")
    answer = client.post("/swarm", data={"user_count": "1", "spawn_rate": "1"} | form).get_json()
    assert not answer["success"]
    assert answer["message"].startswith(sentence)
    assert not environment.host
    assert environment.runner.state == "ready"


def test_a_form_that_can_be_run_gets_through(client, environment):
    environment.runner.clients["one"] = WorkerNode("one", state="ready")
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


def test_a_form_before_there_is_a_worker_is_answered_with_a_sentence(client, environment):
    """As right after a test, when Locust would say that it has started and then run nobody."""
    answer = client.post("/swarm", data={"user_count": "1", "spawn_rate": "1"}).get_json()
    assert not answer["success"]
    assert answer["message"].startswith("No Locust worker is connected")
    environment.runner.update_state("stopping")
    answer = client.post("/swarm", data={"user_count": "1", "spawn_rate": "1"}).get_json()
    assert answer["message"].startswith("The last test is still stopping")


def test_locusts_page_has_a_way_to_ours(client):
    assert '<a href="layercake/">' in client.get("/").get_data(as_text=True)
    page = client.get("/layercake/")
    assert page.status_code == 200
    for name in ("page.css", "page.js", "link.css", "favicon.svg"):
        answer = client.get(f"/layercake/{name}")
        assert answer.status_code == 200
        assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    assert client.get("/layercake/../page.py").status_code == 404


def test_what_our_page_shows(client, environment):
    LEDGER.clear()
    tally = LEDGER.tally("TCP", "1 tcp echo (direct)")
    LEDGER.attach(environment)
    tally.times["exchange"].update({100: 3, 5000: 1})
    tally.events["connections"] += 1
    environment.events.request.fire(
        request_type="GET",
        name="2 httpd hello (direct)",
        response_time=1,
        response_length=0,
        exception=ValueError("no"),
        context={},
    )
    now = client.get("/layercake/now").get_json()
    echo, hello = now["rows"]
    assert (echo["name"], echo["failed"], echo["exchange"]["counted"]) == ("1 tcp echo (direct)", 0, 4)
    assert echo["bars"] == [[26, 3], [49, 1]]
    assert echo["events"] == {"connections": 1}
    assert (hello["name"], hello["failed"], hello["exchange"]) == ("2 httpd hello (direct)", 1, None)
    assert now["verdict"] == "No test runs."
    LEDGER.clear()
