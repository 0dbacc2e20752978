"""Locust as a user starts it, in processes of its own, against servers whose faults are known."""

import csv
import json
import re
import socket
import subprocess
import sys
import urllib.parse
import urllib.request

import pytest
from planted import ENVIRONMENT, ROOT, RoomPeer, run, until

ADDRESSES = {
    "TcpEcho": "TCP_ECHO_ADDRESS",
    "HttpdHello": "HTTPD_ADDRESS",
    "HttpdEcho": "HTTPD_ADDRESS",
    "WsgiEcho": "HTTPD_WSGI_ADDRESS",
    "WebHello": "WEB_ADDRESS",
    "WebEcho": "WEB_ADDRESS",
    "RealtimeEcho": "REALTIME_ADDRESS",
}


def locust(*arguments, **addresses):
    """Run Locust to its end."""
    return run("locust", "-f", "loadtests/locustfile.py", *arguments, **addresses)


def headless(folder, servers, enough, *arguments):
    """A run with two users of each class, until each server has had enough.

    Gives Locust's exit status, its line of figures for each class, and the reasons of failed requests.
    """
    options = ["--headless", "-u", str(2 * len(servers)), "-r", "100", "-t", "60s", "--only-summary"]
    options += ["--via", "direct", "--json-file", str(folder / "run"), "--csv", str(folder / "run")]
    if "--rate" not in arguments:
        options += ["--pause", "1"]  # leave the processor to others: how fast it goes is not asked here
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        "loadtests/locustfile.py",
        *options,
        *arguments,
        *servers,
    ]
    addresses = {ADDRESSES[user_class]: server.address for user_class, server in servers.items()}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=ENVIRONMENT | addresses,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            for server in servers.values():
                until("load", lambda server=server: enough(server.so_far()))
        finally:
            running.terminate()
            output, _ = running.communicate(timeout=30)
    assert "Traceback" not in output
    lines = {line["name"]: line for line in json.loads((folder / "run.json").read_text())}
    reasons = dict.fromkeys(lines, "")
    with (folder / "run_failures.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            reasons[row["Name"]] += row["Error"]
    return running.returncode, lines, reasons


NAMES = {
    "TcpEcho": "1 tcp echo (direct)",
    "HttpdHello": "2 httpd hello (direct)",
    "HttpdEcho": "2 httpd echo (direct)",
    "WsgiEcho": "3 httpd-wsgi echo (direct)",
    "WebHello": "4 web hello (direct)",
    "WebEcho": "4 web echo (direct)",
    "RealtimeEcho": "5 realtime echo (direct)",
}


@pytest.mark.parametrize(
    ("classes", "payload"),
    [
        (["TcpEcho", "HttpdHello", "WsgiEcho", "WebHello", "RealtimeEcho"], "64"),
        (["TcpEcho", "HttpdEcho", "WebEcho", "RealtimeEcho"], "65536"),
    ],
    ids=str,
)
def test_every_request_is_counted_and_right(classes, payload, tmp_path, peers):
    servers = {user_class: peers(user_class, "none", 1, 0, payload) for user_class in classes}
    status, lines, _ = headless(
        tmp_path, servers, lambda counts: counts["requests"] >= 50, "--payload", payload
    )
    assert status == 0
    assert set(lines) == {NAMES[user_class] for user_class in classes}
    for user_class, server in servers.items():
        line, counts = lines[NAMES[user_class]], server.counts()
        assert line["num_failures"] == 0
        assert line["num_requests"] == counts["requests"] >= 50
        assert counts["connections"] == 2
        assert sum(line["response_times"].values()) == line["num_requests"]
        expected = 39 if user_class.endswith("Hello") else int(payload)
        assert line["total_content_length"] == line["num_requests"] * expected


FAULTS = [
    {
        "TcpEcho": ("drop", "closed before the reply"),
        "HttpdEcho": ("drop", "closed before the response"),
        "WsgiEcho": ("corrupt", "content is not"),
        "WebHello": ("status", "status 503"),
        "RealtimeEcho": ("drop", "closed by the server with code 1011"),
    },
    {
        "TcpEcho": ("reset", "reset before the reply"),
        "HttpdEcho": ("reset", "reset before the reply"),
        "WsgiEcho": ("extra", "more bytes than the Content-Length"),
        "WebHello": ("corrupt", "content is not"),
        "RealtimeEcho": ("reset", "reset before the reply"),
    },
    {
        "TcpEcho": ("corrupt", "other bytes"),
        "HttpdEcho": ("silent", "no reply within 1 s"),
        "RealtimeEcho": ("corrupt", "another message"),
    },
    {
        "TcpEcho": ("silent", "no reply within 1 s"),
        "RealtimeEcho": ("silent", "no reply within 1 s"),
    },
    {"TcpEcho": ("extra", "more bytes")},
]


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: " ".join(fault for fault, _ in faults.values()))
def test_each_planted_fault_is_a_failed_request_and_the_others_are_not(faults, tmp_path, peers):
    servers = {user_class: peers(user_class, fault, 50) for user_class, (fault, _) in faults.items()}
    arguments = ["--reply-timeout", "1", "--stop-timeout", "2"]
    status, lines, reasons = headless(tmp_path, servers, lambda counts: counts["planted"] >= 3, *arguments)
    assert status == 1
    for user_class, (_, reason) in faults.items():
        line, counts = lines[NAMES[user_class]], servers[user_class].counts()
        assert line["num_requests"] == counts["requests"]
        assert line["num_failures"] == counts["planted"] >= 3
        assert reason in reasons[NAMES[user_class]]


def test_a_server_that_says_that_it_closes_is_no_failure(tmp_path, peers):
    server = peers("HttpdEcho", "close", 10)
    servers = {"HttpdEcho": server}
    status, lines, _ = headless(tmp_path, servers, lambda counts: counts["planted"] >= 10)
    counts = server.counts()
    assert status == 0
    assert lines[NAMES["HttpdEcho"]]["num_requests"] == counts["requests"]
    assert counts["connections"] > counts["planted"] >= 10


def microseconds(folder, server, requests, *arguments):
    """The histograms of such a run of one class, and the seconds from its first request to its last."""
    arguments = ["--microseconds", str(folder / "microseconds.json"), *arguments]
    status, lines, _ = headless(
        folder, {"TcpEcho": server}, lambda counts: counts["requests"] >= requests, *arguments
    )
    assert status == 0
    [times] = json.loads((folder / "microseconds.json").read_text())
    [line] = lines.values()
    return times, line["last_request_timestamp"] - line["start_time"]


def test_a_stall_is_hidden_by_a_closed_loop_and_not_by_an_open_one(tmp_path, peers):
    """The server stands still for 0.2 s at every hundredth request."""
    closed, _ = microseconds(tmp_path, peers("TcpEcho", "stall", 100), 400)
    opened, _ = microseconds(tmp_path, peers("TcpEcho", "stall", 100), 400, "--rate", "100")
    assert closed["exchange"]["longest"] > 190_000
    assert opened["exchange"]["p90"] > 50_000
    assert opened["exchange"]["p90"] > closed["exchange"]["p90"] * 2
    assert closed["events"] == {"connections": 2}


def test_a_fixed_rate(tmp_path, peers):
    server = peers("TcpEcho")
    times, seconds = microseconds(tmp_path, server, 400, "--rate", "200")
    done, missed = times["exchange"]["counted"], times["events"]["missed"]
    assert done == server.counts()["requests"]
    assert done > missed
    assert done + missed == pytest.approx(2 * 200 * seconds, rel=0.3)
    assert times["lateness"]["counted"] > 100


def test_a_rate_that_the_server_does_not_reach(tmp_path, peers):
    """What should have been sent and was not is counted."""
    times, seconds = microseconds(tmp_path, peers("TcpEcho", "stall", 5), 40, "--rate", "100")
    done, missed = times["exchange"]["counted"], times["events"]["missed"]
    assert missed > done
    assert done + missed == pytest.approx(2 * 100 * seconds, rel=0.3)


def test_nobody_there(tmp_path):
    """Every try fails and is counted, and there are few of them, as users wait longer and longer."""
    options = ["--headless", "-u", "2", "-r", "100", "-t", "3s", "--via", "direct"]
    options += ["--json-file", str(tmp_path / "run"), "--csv", str(tmp_path / "run")]
    done = locust(*options, "TcpEcho", TCP_ECHO_ADDRESS=f"127.0.0.1:{free_port()}")
    [line] = json.loads((tmp_path / "run.json").read_text())
    assert done.returncode == 1
    assert line["num_requests"] == line["num_failures"]
    assert 2 <= line["num_failures"] <= 2 * 8
    assert "connection refused" in (tmp_path / "run_failures.csv").read_text()


def test_users_come_back_with_the_server(tmp_path, peers):
    """A server that goes away in mid-run, and another that takes its port."""
    first = peers("TcpEcho")
    replaced = []

    def enough(counts):
        """The first has had some, and its replacement too."""
        if not replaced:
            if counts["requests"] >= 50:
                replaced.append(first.counts()["requests"])
                first.__init__("TcpEcho", "none", 1, first.address.rpartition(":")[2])
            return False
        return counts["requests"] >= 50

    _, lines, _ = headless(tmp_path, {"TcpEcho": first}, enough)
    line = lines[NAMES["TcpEcho"]]
    good = line["num_requests"] - line["num_failures"]
    answered = replaced[0] + first.counts()["requests"]
    assert answered - 2 <= good <= answered  # two were under way when the first one went
    assert 1 <= line["num_failures"] < 30


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["--payload", "0"], {}, "Payload is '0'"),
        (["--host", "http://example.com"], {}, "Host example.com:80 is not an address of this stack"),
        ([], {"HTTPD_ADDRESS": "httpd"}, "HTTPD_ADDRESS is 'httpd': give it as HOST:PORT"),
        ([], {"HTTP_PORT": "many"}, "HTTP_PORT is"),
    ],
)
def test_bad_input_is_a_sentence(arguments, environment, sentence):
    done = locust("--headless", "-t", "1s", *arguments, "TcpEcho", **environment)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


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


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


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
