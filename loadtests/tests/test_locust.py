"""Locust as a user starts it, in a process of its own, against servers whose faults are known."""

import json

import pytest
from headless import NAMES, headless
from planted import free_port, run


def locust(*arguments, **addresses):
    """Run Locust to its end."""
    return run("locust", "-f", "loadtests/locustfile.py", *arguments, **addresses)


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
