"""The other side's books: real services, and the words that nginx and serving write."""

import os
import signal
import subprocess
import sys

from bench.counts import by_healthz, by_log, by_stub_status
from bench.load import ROOT
from bench.orders import Goal, Window
from bench.tests.conftest import goal_of
from loadtests.addresses import Address


def test_httpd_counts_what_we_send(load, servers):
    server = servers("httpd", "--listen", "127.0.0.1:0", "--model", "selector")
    counter = by_healthz(server.address)
    load.open(goal_of(server), 4)
    before = counter.ask()
    sent = load.run(Window(0.3)).sent
    assert counter.ask() - before - counter.question == sent > 0


def test_tcp_counts_what_we_send(load, tmp_path):
    log = tmp_path / "tcp.log"
    words = ["-m", "tcp", "--listen", "127.0.0.1:0", "--protocol", "echo", "--model", "selector"]
    with log.open("w") as file:
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stderr=file)
    try:
        while "listening on" not in log.read_text():
            assert process.poll() is None
        port = int(log.read_text().partition("listening on 127.0.0.1:")[2].split()[0])
        counter = by_log(lambda: os.kill(process.pid, signal.SIGUSR1), log.read_text)
        load.open(Goal("tcp", "127.0.0.1", port, "echo"), 4)
        before = counter.ask()
        sent = load.run(Window(0.3)).sent
        assert counter.ask() - before - counter.question == sent > 0
    finally:
        process.kill()
        process.wait()


def test_nginx():
    page = "Active connections: 2 \nserver accepts handled requests\n 35 35 1408 \nReading: 0 Writing: 1 \n"
    assert by_stub_status(lambda: page).ask() == 1408
    assert by_stub_status(lambda: "<html>not it</html>").ask() is None


def test_nobody_tells(servers):
    assert by_healthz(Address("127.0.0.1", 1)).ask() is None
    assert by_healthz(servers("loadtests.null", "http").address).ask() is None
