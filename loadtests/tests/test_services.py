"""Our clients against our own services: the lower rungs, which need neither nginx nor Redis."""

import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
from planted import ROOT, run

COMMANDS = {
    "TCP_ECHO_ADDRESS": ["tcp", "--protocol", "echo"],
    "HTTPD_ADDRESS": ["httpd"],
    "HTTPD_WSGI_ADDRESS": ["httpd", "--app", "httpd.demo:application", "--threads", "2"],
}


@contextmanager
def service(module, *options):
    """A service on a free port; gives its address."""
    command = [sys.executable, "-m", module, "--listen", "127.0.0.1:0", "--model", "selector", *options]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        said = []
        try:
            for line in process.stderr:
                said.append(line)
                if line.startswith("listening on "):
                    yield line.removeprefix("listening on ").strip()
                    break
            else:
                pytest.fail("".join(said))
        finally:
            process.terminate()
            process.stderr.read()


@pytest.mark.parametrize("payload", ["64", "100000"])
def test_every_request_is_answered_rightly(payload):
    with ExitStack() as stack:
        addresses = {name: stack.enter_context(service(*command)) for name, command in COMMANDS.items()}
        options = ["--headless", "-u", "8", "-r", "100", "-t", "2s", "--pause", "1", "--only-summary"]
        options += ["--via", "direct", "--payload", payload, "TcpEcho", "HttpdHello", "HttpdEcho", "WsgiEcho"]
        done = run("locust", "-f", "loadtests/locustfile.py", *options, **addresses)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("1 tcp echo", "2 httpd hello", "2 httpd echo", "3 httpd-wsgi echo"):
        assert f"{name} (direct)" in done.stdout + done.stderr
