"""The inside port."""

from door.client import ask


def test_nginx_lives(door):
    answer = ask(door.port("NGINX_STATUS_PORT"), "GET", "/livez")
    assert (answer.status, answer.content) == (200, b"ok\n")


def test_its_counters(door):
    answer = ask(door.port("NGINX_STATUS_PORT"), "GET", "/nginx_status")
    assert answer.content.startswith(b"Active connections: ")


def test_are_not_outside(get):
    assert get("/nginx_status").said["service"] == "web"


def test_nothing_else_is_inside(door):
    assert ask(door.port("NGINX_STATUS_PORT"), "GET", "/").status == 404
