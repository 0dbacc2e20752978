"""What breaks under load, and that everybody has heard all that was acknowledged, once and in order.

On every transport at once and through nginx. What can't be broken from outside, such as one of several
workers, is broken in the packages' own tests.
"""

import json

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from wire.crowd import crowd, tight
from wire.http import fetch
from wire.wait import wait_for

#: 500 of these are more than kernels, nginx and a listener's queue hold; a room remembers twice as many.
LARGE = "x" * 4000


@pytest.mark.parametrize("service", ["redis", "realtime", "nginx"])
def test_a_service_is_killed(stack, processes, is_up, service):
    with crowd(stack) as talking:
        before = processes.which(service)
        processes.kill(service)
        wait_for(f"another {service}", lambda: processes.which(service) not in {before, "0", ""}, seconds=30)
        wait_for(f"{service} to be up", lambda: is_up(service), seconds=30)
        talking.goes_on()


def test_realtime_is_restarted(stack, processes, is_up):
    with crowd(stack) as talking:
        processes.restart("realtime")
        wait_for("realtime to be up", lambda: is_up("realtime"), seconds=30)
        wait_for(
            "those who were cut off to come back",
            lambda: all(
                each.connections > 1 for each in talking.lasting if each.name in {"Frames", "Events"}
            ),
            seconds=30,
        )


def test_nginx_is_reloaded(stack, processes):
    """Its old workers let go of lasting connections after ten seconds (worker_shutdown_timeout)."""
    with crowd(stack) as talking:
        processes.reload("nginx")
        wait_for(
            "all to have come to its new workers",
            lambda: all(each.connections > 1 for each in talking.lasting),
            seconds=60,
        )


def test_a_listener_stops_reading(stack):
    """It is closed, it costs the others nothing, and when it comes back it has missed nothing."""
    realtime = stack.http("realtime", "direct")

    def slow():
        return json.loads(fetch(realtime, "/healthz").text)["slow"]

    before, heard = slow(), []
    with crowd(stack, LARGE, every=0) as talking:
        url = stack.site.websocket(f"/ws/rooms/{talking.room}?after=0")
        with connect(url, sock=tight((stack.site.host, stack.site.port)), max_queue=1) as sleeper:
            wait_for("the listener to be too slow", lambda: slow() > before, seconds=60, every=0.01)
            talking.poster.every = 0.05  # a room remembers only so many
            with pytest.raises(ConnectionClosed):  # noqa: PT012 (one of many reads finds it closed)
                while True:
                    note(json.loads(sleeper.recv(10)), heard)
            # 1013, if it wakes up before the server has given up sending it anything: 1006, cut off, if not.
            assert sleeper.close_code in {1013, 1006}
        with connect(stack.site.websocket(f"/ws/rooms/{talking.room}?after={len(heard)}")) as again:
            end = max(talking.poster.posted)
            while len(heard) < end:
                note(json.loads(again.recv(10)), heard)
    assert heard == list(range(1, len(heard) + 1))


def note(frame, heard):
    if frame["type"] == "message":
        heard.append(frame["number"])
