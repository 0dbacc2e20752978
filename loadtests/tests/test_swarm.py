"""Locust's page and its workers, in processes of their own, against servers whose faults are known."""

import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request

import pytest
from planted import ENVIRONMENT, ROOT, RoomPeer, free_port, run, until


class Page:
    """A master with its page below /locust, as nginx has it."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}/locust"

    def get(self, path):
        with urllib.request.urlopen(self.base + path, timeout=5) as answer:
            return answer.read()

    def stats(self):
        return json.loads(self.get("/stats/requests"))

    def post(self, path, **form):
        data = urllib.parse.urlencode(form, doseq=True).encode()
        with urllib.request.urlopen(self.base + path, data, timeout=5) as answer:
            return json.loads(answer.read())


def check(what, port):
    return run("loadtests.check", what, LOCUST_ADDRESS=f"127.0.0.1:{port}")


@pytest.fixture
def swarm(tmp_path, peers):
    """Start a master and a worker with a TCP server to put load on; give the page and the server."""
    started = []

    def start(workers=1, **addresses):
        server = peers("TcpEcho")
        web, rpc = free_port(), free_port()
        environment = ENVIRONMENT | {"TCP_ECHO_ADDRESS": server.address, "PYTHONPATH": str(ROOT)}
        environment |= addresses
        loc = [sys.executable, "-m", "locust"]
        master = [
            "--config",
            "loadtests/page.conf",
            "--master",
            "--web-host",
            "127.0.0.1",
            "--web-port",
            str(web),
        ]
        master += ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(rpc)]
        worker = [
            "-f",
            "loadtests/locustfile.py",
            "--worker",
            "--master-host",
            "127.0.0.1",
            "--master-port",
            str(rpc),
        ]
        for number, command in enumerate([master, *[worker] * workers]):
            log = (tmp_path / f"{number}.log").open("w")
            started.append(subprocess.Popen(loc + command, cwd=ROOT, env=environment, stdout=log, stderr=log))
            log.close()
        until("page", lambda: check("page", web).returncode == 0)
        return Page(web), web, server, list(started)

    yield start
    for process in started:
        process.terminate()
    # 1 is what Locust ends with when requests have failed, which is for the test to say.
    assert {process.wait(30) for process in started} <= {0, 1}
    assert "Traceback" not in "".join(path.read_text() for path in tmp_path.glob("*.log"))


def test_master_and_workers(swarm):
    page, port, server, _ = swarm(workers=2)
    until("two workers", lambda: page.stats()["worker_count"] == 2)
    assert check("worker", port).returncode == 0
    text = page.get("/").decode()
    assert '"num_users": 10' in text
    for asset in re.findall(r'(?:src|href)="\./([^"]+)"', text):
        assert page.get(f"/{asset}")

    answer = page.post("/swarm", user_count=4, spawn_rate=10, host="", via="direct", user_classes=["TcpEcho"])
    assert answer["success"]
    until("requests", lambda: sum(entry["num_requests"] for entry in page.stats()["stats"]) > 1000)
    page.post("/stop")
    until("stop", lambda: page.stats()["state"] == "stopped")
    served = server.counts()["requests"]

    def told():
        """Locust's page repeats an answer for two seconds, so the last figures may take that long."""
        entries = {entry["name"]: entry for entry in page.stats()["stats"]}
        return entries if entries["1 tcp echo (direct)"]["num_requests"] == served else None

    entries = until(f"count of the {served} requests that were served", told, 20)
    assert entries["1 tcp echo (direct)"]["num_failures"] == 0
    assert 0 < entries["Aggregated"]["median_response_time"] < 100
    [line] = json.loads(page.get("/microseconds"))
    assert line["exchange"]["counted"] == entries["1 tcp echo (direct)"]["num_requests"]
    assert line["events"]["connections"] == 4
    assert 10 < line["exchange"]["p50"] <= line["exchange"]["p99"] <= line["exchange"]["longest"]


def test_a_room_over_two_workers(swarm):
    """Ten listeners in two processes; of every ten messages one is kept from each of them."""
    peer = RoomPeer("lose", 10)
    addresses = dict.fromkeys(("WEB_ADDRESS", "REALTIME_ADDRESS"), peer.address)
    page, _, server, _ = swarm(workers=2, **addresses)
    until("two workers", lambda: page.stats()["worker_count"] == 2)
    form = {"host": "", "via": "direct", "room": "x", "posts": "20", "listeners_per_poster": "5"}
    classes = ["RoomStream", "RoomWebSocket"]
    assert page.post("/swarm", user_count=20, spawn_rate=100, user_classes=classes, **form)["success"]
    until("posts", lambda: peer.so_far()["posted"] > 200)
    page.post("/stop")
    until("stop", lambda: page.stats()["state"] == "stopped")

    def accounts():
        """Every line, once both workers have settled theirs."""
        lines = {line["name"]: line for line in json.loads(page.get("/microseconds"))}
        events = [lines[f"room {kind} delivery (direct)"]["events"] for kind in ("3 stream", "4 websocket")]
        settled = (one["received"] + one.get("lost", 0) == one.get("expected") for one in events)
        return lines if all(settled) else None

    lines = until("the last report", accounts)
    for kind in ("3 stream", "4 websocket"):
        events = lines[f"room {kind} delivery (direct)"]["events"]
        assert events["expected"] > 10 * 150
        # Each of ten has a share of whole tens, and began at a place of its own.
        assert abs(events["lost"] - events["expected"] / 10) <= 10
        assert lines[f"room {kind} join (direct)"]["events"]["connections"] == 10
    posted = [lines[f"room {kind} post (direct)"] for kind in ("3 stream", "4 websocket")]
    assert sum(line["exchange"]["counted"] for line in posted) == peer.counts()["posted"]
    now = json.loads(page.get("/layercake/now"))
    assert len(now["generators"]) == 2
    assert [row["name"] for row in now["rows"]] == sorted(lines)
    server.counts()


def test_a_worker_that_is_not_there(swarm):
    _, port, server, _ = swarm(workers=0)
    done = check("worker", port)
    assert done.returncode == 1
    assert "hears from no worker" in done.stderr
    server.counts()


def test_the_page_is_not_there():
    done = check("page", free_port())
    assert done.returncode == 1
    assert "Locust's page is not well" in done.stderr
    assert "Traceback" not in done.stderr
