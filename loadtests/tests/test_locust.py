"""Locust as a user starts it, in processes of its own, against servers whose faults are known."""

import csv
import json
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest
from planted import ENVIRONMENT, ROOT, run, until

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


def headless(folder, addresses, *arguments):
    """A run of two seconds with two users of each class.

    Gives Locust's exit status, its line of figures for each class, and the reasons of failed requests as CSV.
    """
    options = ["--headless", "-u", str(2 * len(addresses)), "-r", "100", "-t", "2s", "--only-summary"]
    options += [
        "--via",
        "direct",
        "--json-file",
        str(folder / "run"),
        "--csv",
        str(folder / "run"),
        *arguments,
    ]
    environment = {ADDRESSES[user_class]: address for user_class, address in addresses.items()}
    done = locust(*options, *addresses, **environment)
    assert "Traceback" not in done.stdout + done.stderr
    lines = {line["name"]: line for line in json.loads((folder / "run.json").read_text())}
    reasons = dict.fromkeys(lines, "")
    with (folder / "run_failures.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            reasons[row["Name"]] += row["Error"]
    return done.returncode, lines, reasons


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
    addresses = {user_class: server.address for user_class, server in servers.items()}
    status, lines, _ = headless(tmp_path, addresses, "--payload", payload)
    assert status == 0
    assert set(lines) == {NAMES[user_class] for user_class in classes}
    for user_class, server in servers.items():
        line, counts = lines[NAMES[user_class]], server.counts()
        assert line["num_failures"] == 0
        assert line["num_requests"] == counts["requests"] > 20
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
    addresses = {user_class: server.address for user_class, server in servers.items()}
    status, lines, reasons = headless(tmp_path, addresses, "--reply-timeout", "1", "--stop-timeout", "2")
    assert status == 1
    for user_class, (_, reason) in faults.items():
        line, counts = lines[NAMES[user_class]], servers[user_class].counts()
        assert line["num_requests"] == counts["requests"]
        assert line["num_failures"] == counts["planted"] > 0
        assert reason in reasons[NAMES[user_class]]


def test_a_server_that_says_that_it_closes_is_no_failure(tmp_path, peers):
    server = peers("HttpdEcho", "close", 10)
    status, lines, _ = headless(tmp_path, {"HttpdEcho": server.address})
    counts = server.counts()
    assert status == 0
    assert lines[NAMES["HttpdEcho"]]["num_requests"] == counts["requests"]
    assert counts["connections"] > counts["planted"] > 10


def test_nobody_there(tmp_path):
    """Every try fails and is counted, and there are few of them, as users wait longer and longer."""
    status, lines, reasons = headless(tmp_path, {"TcpEcho": f"127.0.0.1:{free_port()}"})
    line = lines[NAMES["TcpEcho"]]
    assert status == 1
    assert line["num_requests"] == line["num_failures"]
    assert 2 * 3 <= line["num_failures"] <= 2 * 8
    assert "connection refused" in reasons[NAMES["TcpEcho"]]


def test_users_come_back_with_the_server(tmp_path, peers):
    """A server that goes away in mid-run, and another that takes its port."""
    first = peers("TcpEcho")
    port = first.address.rpartition(":")[2]
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        "loadtests/locustfile.py",
        "--headless",
        "-u",
        "3",
        "-r",
        "100",
    ]
    command += [
        "-t",
        "4s",
        "--only-summary",
        "--via",
        "direct",
        "--json-file",
        str(tmp_path / "back"),
        "TcpEcho",
    ]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        env=ENVIRONMENT | {"TCP_ECHO_ADDRESS": first.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until("requests", lambda: first.so_far()["requests"] > 100)
    before = first.counts()["requests"]
    second = peers("TcpEcho", "none", 1, port)
    running.communicate(timeout=30)
    after = second.counts()["requests"]
    [line] = json.loads((tmp_path / "back.json").read_text())
    good = line["num_requests"] - line["num_failures"]
    assert after > 100
    assert before + after - 3 <= good <= before + after  # three were under way when the first one went
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

    def start(workers=1):
        server = peers("TcpEcho")
        web, rpc = free_port(), free_port()
        environment = ENVIRONMENT | {"TCP_ECHO_ADDRESS": server.address, "PYTHONPATH": str(ROOT)}
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
    for process in started:
        assert process.wait(10) == 0
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
    time.sleep(2.1)  # for as long as Locust's page repeats its last answer
    entries = {entry["name"]: entry for entry in page.stats()["stats"]}
    assert entries["1 tcp echo (direct)"]["num_failures"] == 0
    assert entries["1 tcp echo (direct)"]["num_requests"] == server.counts()["requests"]
    assert 0 < entries["Aggregated"]["median_response_time"] < 100


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
