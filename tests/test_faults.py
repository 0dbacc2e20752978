"""A service that dies, and one that is not there: the first comes back by itself, the second is explained."""

import secrets
from contextlib import suppress

import pytest
from wire.http import NO_ANSWER, fetch
from wire.lines import Talker
from wire.room import Member
from wire.wait import wait_for


@pytest.mark.parametrize("service", ["tcp", "httpd", "httpd-wsgi", "web", "realtime", "redis", "nginx"])
def test_a_killed_service_is_started_again(processes, is_up, service):
    before = processes.which(service)
    processes.kill(service)
    wait_for(f"another {service}", lambda: processes.which(service) not in {before, "0", ""}, seconds=30)
    wait_for("the children of the first to end", lambda: not processes.orphans(), seconds=10)
    wait_for(f"{service} to be up", lambda: is_up(service), seconds=30)


def test_a_room_outlives_redis(stack, processes, is_up):
    """The sockets stay open, what was acknowledged before is kept, and the next message arrives."""
    room, base = f"test-{secrets.token_hex(4)}", stack.http("realtime", "nginx")
    with Member.joined(base, room) as ada, Member.joined(base, room) as bob:
        ada.say("before")
        assert ada.message()["number"] == bob.message()["number"] == 1
        redis = processes.which("redis")
        processes.kill("redis")
        wait_for("another redis", lambda: processes.which("redis") not in {redis, "0", ""}, seconds=30)
        wait_for("redis to be up", lambda: is_up("redis"), seconds=30)
        ada.say("after")
        assert ada.message()["text"] == bob.message()["text"] == "after"
        with Member.joined(base, room, "?after=0") as late:
            assert [late.message()["text"] for _ in range(2)] == ["before", "after"]


def test_lines_of_a_room_outlive_redis_and_the_service(stack, processes, is_up):
    """Redis: the connections stay. The service: who comes back with the last number misses nothing."""
    room = f"test-{secrets.token_hex(4)}"
    through, around = stack.tcp("room", "nginx"), stack.tcp("room", "direct")
    with Talker.joined(through, room, "ada") as ada, Talker.joined(around, room, "bob") as bob:
        ada.say("before")
        assert ada.message() == bob.message() == (1, "ada", "before")
        redis = processes.which("redis")
        processes.kill("redis")
        assert bob.until("ERR Redis")
        wait_for("another redis", lambda: processes.which("redis") not in {redis, "0", ""}, seconds=30)
        for talker in (ada, bob):
            assert talker.until("* Redis is back")
        bob.say("after")
        assert ada.message() == bob.message() == (2, "bob", "after")
        tcp = processes.which("tcp")
        processes.kill("tcp")
        with suppress(OSError):  # its workers may have had the time to say so, or not
            while ada.line():
                pass
    assert fetch(stack.site, f"/rooms/{room}/messages", "POST", **form("meanwhile")).status == 201
    wait_for("another tcp", lambda: processes.which("tcp") not in {tcp, "0", ""}, seconds=30)
    wait_for("tcp to be up", lambda: is_up("tcp"), seconds=30)
    with Talker.joined(through, room, "ada", after=2) as ada:
        assert ada.message() == (3, "carol", "meanwhile")


def form(text):
    """A post as curl sends it."""
    return {
        "content": f"author=carol&text={text}".encode(),
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }


@pytest.fixture(scope="class")
def gone(processes, is_up):
    """A service that is stopped while a class of tests looks at what the others make of it."""
    processes.stop("httpd-wsgi")
    yield "httpd-wsgi"
    processes.start("httpd-wsgi")
    wait_for("httpd-wsgi to be up again", lambda: is_up("httpd-wsgi"), seconds=60)


class TestAServiceThatIsNotThere:
    def test_is_explained_to_a_browser(self, site, gone):
        response = fetch(site, "/httpd-wsgi/hello", headers={"Accept": "text/html"})
        assert response.status in NO_ANSWER
        assert response.headers.get_content_type() == "text/html"
        assert gone in response.text
        assert "<center>nginx" not in response.text
        assert response.field_lines("X-Request-ID")[0] in response.text
        assert response.field_lines("Cache-Control") == ["no-store"]

    def test_is_explained_to_a_program_in_a_line(self, site, gone):
        response = fetch(site, "/httpd-wsgi/hello", headers={"Accept": "*/*"})
        assert response.status in NO_ANSWER
        assert response.headers.get_content_type() == "text/plain"
        assert gone in response.text

    @pytest.mark.usefixtures("gone")
    def test_takes_no_other_with_it(self, site):
        assert fetch(site, "/hello/").status == 200
        assert fetch(site, "/httpd/hello").status == 200
        assert fetch(site, "/healthz").status == 200
