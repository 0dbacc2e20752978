"""Locust through nginx: its page below a prefix, and every user class at work without a failure."""

import csv
import json
import secrets
import subprocess
import sys

import pytest
from wire.http import fetch
from wire.stack import ROOT
from wire.wait import wait_for

#: Users of a room, and what their lines in Locust's table are called.
ROOMS = {
    "RoomPolling": "room 1 polling",
    "RoomLongPolling": "room 2 long polling",
    "RoomStream": "room 3 stream",
    "RoomWebSocket": "room 4 websocket",
    "RoomTcp": "room 5 tcp",
}


def requests_of(stats):
    """Return how many requests each task made, without the line that sums them up."""
    return {row["name"]: row["num_requests"] for row in stats["stats"] if row["name"] != "Aggregated"}


class TestPage:
    def test_without_a_slash_at_the_end(self, site):
        response = fetch(site, "/locust")
        assert response.status in {301, 308}
        assert response.headers["Location"] == "/locust/"

    def test_the_classes_in_the_order_of_the_ladder(self, locust):
        offered = "".join(locust.user_classes())
        rungs = ["TcpEcho", "HttpdEcho", "WsgiEcho", "WebEcho", "RealtimeEcho", *ROOMS]
        assert sorted(rungs, key=offered.index) == rungs

    def test_a_worker_is_there_to_do_the_work(self, locust):
        health = locust.get("/healthz")
        assert health["status"] == "ok"
        assert health["workers"]

    @pytest.mark.parametrize("form", [{"host": "http://layercake.example:80"}, {"payload": "-1"}])
    def test_a_form_that_makes_no_sense_starts_nothing(self, locust, form):
        """Above all no load on somebody else's machine."""
        answer = locust.swarm(["WebEcho"], users=1, **form)
        assert not answer["success"]
        assert answer["message"]
        assert locust.is_idle()

    def test_another_sites_page_starts_nothing(self, site, locust):
        answer = fetch(
            site, "/locust/swarm", method="POST", content=b"user_count=1&spawn_rate=1",
            headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://layercake.example"},
        )  # fmt: skip
        assert answer.status == 403
        assert locust.is_idle()


class TestLoad:
    @pytest.mark.parametrize("way", ["nginx", "direct"])
    def test_every_class_works_without_a_failure(self, locust, way):
        """All of the ladder's at once; each class has a line of its own, which bears the way in its name."""
        classes = [name for name in locust.user_classes() if name not in ROOMS]
        locust.start(classes, users=len(classes), via=way)
        wait_for("requests of every class", lambda: len(requests_of(locust.stats())) == len(classes))
        stats = locust.stop()
        assert stats["errors"] == []
        assert all(count > 0 and way in name for name, count in requests_of(stats).items())

    def test_only_what_was_picked(self, locust):
        locust.start(["HttpdHello"], users=1)
        wait_for("the first requests", lambda: requests_of(locust.stats()))
        stats = locust.stop()
        assert list(requests_of(stats)) == ["2 httpd hello (nginx)"]
        assert stats["user_count"] == 0


class TestRooms:
    def test_everybody_hears_everything_once_and_in_order(self, locust, site, way):
        """Ten users of five transports in one room, half of whom post. The room's log has the last word."""
        room = f"load-{secrets.token_hex(4)}"
        locust.start([*ROOMS], users=10, via=way, room=room, posts="10", listeners_per_poster="2")
        deliveries = [f"{name} delivery ({way})" for name in ROOMS.values()]
        wait_for("messages over every transport", lambda: at_least(50, deliveries, locust.stats()))
        stats = locust.stop()
        assert stats["errors"] == []

        lines = {line["name"]: line for line in locust.get("/microseconds")}
        for name in deliveries:
            events = lines[name]["events"]
            assert events["received"] == events["expected"] > 50
            assert events["lost"] == 0
        posted = sum(line["exchange"]["counted"] for name, line in lines.items() if f" post ({way})" in name)
        log = json.loads(fetch(site, f"/rooms/{room}/messages?after=0&limit=1").content)
        assert log["last"] == posted


def at_least(count, names, stats):
    """Tell whether each of these lines has had that many requests."""
    had = requests_of(stats)
    return all(had.get(name, 0) >= count for name in names)


class TestShapes:
    @pytest.mark.parametrize("shape", ["Steps", "Spike", "Ramp"])
    def test_a_shape_chosen_in_the_form_runs_and_ends_by_itself(self, locust, shape):
        wait_for("Locust to be idle", locust.is_idle)
        locust.post("/stats/reset")
        form = {"shape_class": shape, "run_time": "5s", "rate": "20"}
        answer = locust.swarm(["TcpEcho"], users=5, **form)
        assert answer["success"], answer["message"]
        # A shape may have ended, by its own judgement, before its users could be seen.
        wait_for("requests", lambda: requests_of(locust.stats()).get("1 tcp echo (nginx)"))
        wait_for("the shape to end", lambda: locust.now()["state"] == "stopped", 60)
        stats = locust.stop()
        assert stats["errors"] == []
        assert requests_of(stats)["1 tcp echo (nginx)"] > 0


class TestHeadless:
    def test_a_run_without_the_page(self, stack, tmp_path):
        """What `make load` does, shorter: every request answered rightly, and the figures in files."""
        run = subprocess.run(
            [sys.executable, "-m", "loadtests.run", "--users=2", "--seconds=1", f"--results={tmp_path}",
             "RealtimeEcho"],
            cwd=ROOT, env=dict(stack.settings), capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + run.stderr
        (summary,) = tmp_path.glob("*/summary.csv")
        (row,) = csv.DictReader(summary.read_text().splitlines())
        assert int(row["requests"]) > 0 == int(row["failures"])
        assert (summary.parent / "RealtimeEcho.html").exists()
