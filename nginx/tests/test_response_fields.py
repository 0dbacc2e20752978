"""What every response says to the browser, exactly once."""

import pytest
from door.client import ask

OURS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

PLACES = ["/", "/httpd/hello", "/locust/", "/static/plain.txt", "/static/missing.css", "/httpd"]


@pytest.fixture(autouse=True)
def static_file(door):
    (door.static / "plain.txt").write_text("plain")


@pytest.mark.parametrize("place", PLACES)
def test_each_is_there(get, place):
    answer = get(place)
    assert {name: answer.fields(name) for name in OURS} == {name: [value] for name, value in OURS.items()}
    assert len(answer.fields("X-Request-ID")) == 1


@pytest.mark.parametrize("place", [*PLACES, "/" + "x" * 9000])
def test_a_policy_that_lets_nobody_elses_script_in(get, place):
    (policy,) = get(place).fields("Content-Security-Policy")
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    # Locust's page is a program with its own script in it; nobody else's has any.
    assert directives["default-src"] == ("'self'" if place == "/locust/" else "'none'")
    assert ("script-src" in directives) == (place == "/locust/")
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("name", [*OURS, "X-Request-ID", "Content-Security-Policy"])
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
