"""Locust without its page, in a process of its own, on several rungs at once until there is enough of it."""

import csv
import json
import subprocess
import sys

from planted import ENVIRONMENT, ROOT, until

__all__ = ["NAMES", "headless"]

ADDRESSES = {
    "TcpEcho": "TCP_ECHO_ADDRESS",
    "HttpdHello": "HTTPD_ADDRESS",
    "HttpdEcho": "HTTPD_ADDRESS",
    "WsgiEcho": "HTTPD_WSGI_ADDRESS",
    "WebHello": "WEB_ADDRESS",
    "WebEcho": "WEB_ADDRESS",
    "RealtimeEcho": "REALTIME_ADDRESS",
}

NAMES = {
    "TcpEcho": "1 tcp echo (direct)",
    "HttpdHello": "2 httpd hello (direct)",
    "HttpdEcho": "2 httpd echo (direct)",
    "WsgiEcho": "3 httpd-wsgi echo (direct)",
    "WebHello": "4 web hello (direct)",
    "WebEcho": "4 web echo (direct)",
    "RealtimeEcho": "5 realtime echo (direct)",
}


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
