import pytest
from rooms.redis_server import RedisServer
from running import Service, hear, until


def test_livez(service):
    status, headers, content = service.get("/livez")
    assert (status, content, headers["Cache-Control"]) == (200, b"ok\n", "no-store")


def test_healthz_counts(service, log, room):
    status, before = service.health()
    assert (status, before["status"]) == (200, "ok")
    with service.room(room), service.connect("/ws/echo") as echo:
        echo.send("hi")
        echo.recv(5)
        log.post(room, "web", "hi")
        during = until(
            lambda: (figures := service.health()[1])["delivered"] > before["delivered"] and figures
        )
        assert during["websockets"] == during["connections"] == 2
        assert during["rooms"] == 1
        assert during["received"] == before["received"] + 1
        assert during["requests"] >= before["requests"] + 3
    until(lambda: service.health()[1]["connections"] == 0 and service.health()[1]["rooms"] == 0)


def test_healthz_says_why_it_fails_and_comes_back(tmp_path):
    with RedisServer(tmp_path) as redis:
        redis.kill()
        service = Service(redis.url)  # it starts without Redis
        try:
            status, figures = service.health()
            assert (status, figures["status"]) == (503, "failing")
            assert "Redis" in figures["reason"]
            assert service.get("/livez")[0] == 200
            redis.start()
            assert service.health()[0] == 200
        finally:
            assert service.stop() == 0


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
def test_a_foreign_host_name_is_refused(service, path):
    status, headers, content = service.get(path, Host="layercake.example")
    assert (status, headers["X-Content-Type-Options"]) == (400, "nosniff")
    assert b"ALLOWED_HOSTS" in content


def test_an_unknown_path(service):
    assert service.get("/nothing")[0] == 404


def test_hear_is_not_blind(service, room):
    """A check of the tests' own tool."""
    with service.room(room) as client, pytest.raises(TimeoutError):
        hear(client, 0.05)
