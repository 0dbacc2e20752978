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

#: In JSON it is twice as long. Kernels, nginx and Docker's proxy together hold up to 14 MB for one listener.
LARGE = '"' * 4000


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

    def figures():
        return json.loads(fetch(realtime, "/healthz").text)

    def is_closed():
        """As too slow; or, where posting is slow, as one who does not answer pings. Others stay: three."""
        now = figures()
        return now["slow"] > before or now["websockets"] <= 3

    before, heard = figures()["slow"], []
    with crowd(stack, LARGE, every=0, posters=4) as talking:
        url = stack.site.websocket(f"/ws/rooms/{talking.room}?after=0")
        sock = tight((stack.site.host, stack.site.port))
        with connect(url, sock=sock, max_queue=1, ping_interval=None) as sleeper:
            wait_for("the listener to be closed", is_closed, seconds=90, every=0.01)
            for poster in talking.posters:
                poster.every = 0.2  # a room remembers only so many
            with pytest.raises(ConnectionClosed):  # noqa: PT012 (one of many reads finds it closed)
                while True:
                    note(json.loads(sleeper.recv(10)), heard)
            # 1006, cut off, if it wakes up only after the server has given up sending it anything.
            assert sleeper.close_code in {1013, 1011, 1006}
        with connect(stack.site.websocket(f"/ws/rooms/{talking.room}?after={len(heard)}")) as again:
            end = max(talking.posted)
            while len(heard) < end:
                note(json.loads(again.recv(10)), heard)
    assert heard == list(range(1, len(heard) + 1))


def note(frame, heard):
    if frame["type"] == "message":
        heard.append(frame["number"])
