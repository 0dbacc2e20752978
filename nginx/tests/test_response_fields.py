"""What every response says to the browser, exactly once."""

import pytest
from door.client import ask

OURS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}

PLACES = ["/", "/httpd/hello", "/locust/", "/static/plain.txt", "/static/missing.css", "/httpd"]


@pytest.fixture(autouse=True)
def static_file(door):
    (door.static / "plain.txt").write_text("plain")


@pytest.mark.parametrize("place", PLACES)
def test_each_is_there(get, place):
    answer = get(place)
    assert {name: answer.fields(name) for name in OURS} == {name: [value] for name, value in OURS.items()}
    assert len(answer.fields("X-Request-ID")) == 1


@pytest.mark.parametrize("name", [*OURS, "X-Request-ID"])
def test_a_service_that_says_it_itself_is_left_alone(get, name):
    assert get("/", **{f"answer-{name}": "its-own"}).fields(name) == ["its-own"]


@pytest.mark.parametrize("place", PLACES)
def test_no_version(get, place):
    assert get(place).fields("Server") == ["nginx"]


def test_no_version_on_an_error_page(door):
    answer = ask(door.port(), "GET", "/" + "x" * 9000)
    assert answer.status == 414
    assert b"nginx/" not in answer.content


def test_nothing_is_compressed_on_the_way(get):
    """Each rung sends what its service sent."""
    assert get("/", Accept_Encoding="gzip").fields("Content-Encoding") == []
