"""One installation for all tests: a key, collected static files and a Redis of their own, on a free port."""

import contextlib
import os
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import redis

_folder = Path(tempfile.mkdtemp(prefix="layercake-web-"))


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


REDIS_PORT = free_port()

# Before pytest-django imports the settings, which read the environment once.
os.environ.update(
    {
        "DJANGO_SETTINGS_MODULE": "web.settings",
        "SECRET_KEY_FILE": str(_folder / "secret_key"),
        "STATIC_ROOT": str(_folder / "static"),
        "REDIS_URL": f"redis://127.0.0.1:{REDIS_PORT}/0",
        "LESSONS_DIR": str(Path(__file__).resolve().parents[3] / "docs" / "lessons"),
        "RESULTS_DIR": str(_folder / "results"),
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1,[::1]",
    }
)

import django  # noqa: E402 (after the environment is set)
from django.core.management import call_command  # noqa: E402
from web.environment import Address  # noqa: E402

django.setup()


@pytest.fixture(scope="session", autouse=True)
def _static_files() -> Iterator[None]:
    """Collect static files, as every start of the site does."""
    call_command("collectstatic", "--noinput", verbosity=0)
    yield
    shutil.rmtree(_folder)


@pytest.fixture(scope="session", autouse=True)
def _redis_server() -> Iterator[None]:
    """Run a Redis that keeps nothing, for the rooms of these tests."""
    process = subprocess.Popen(
        [
            "redis-server",
            "--bind",
            "127.0.0.1",
            "--port",
            str(REDIS_PORT),
            "--save",
            "",
            "--appendonly",
            "no",
        ],
        stdout=subprocess.DEVNULL,
    )
    client = redis.Redis(port=REDIS_PORT, protocol=3)
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
            break
        except redis.ConnectionError:
            assert time.monotonic() < deadline, "redis-server does not answer"
            assert process.poll() is None, "redis-server has ended"
    client.close()
    yield
    process.terminate()
    process.wait(10)


# --- small real servers in place of the stack's services, on ports of their own -----------------------------


@contextlib.contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[Address]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Address(*server.server_address[:2])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serve_http(answers):
    """Serve a table of paths: status and content, or a function that returns them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers[self.path]
            status, content = answer() if callable(answer) else answer
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            """The tests' output is for the tests."""

    return serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler))


def serve_bytes(reply):
    """Answer each connection with a function of the bytes that came in one piece; None answers nothing."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            answer = reply(self.request.recv(1024))
            if answer is None:
                self.request.recv(1024)
                self.request.recv(1024)  # until the other side gives up
            else:
                self.request.sendall(answer)

    socketserver.ThreadingTCPServer.daemon_threads = True
    return serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))


def find_nobody() -> Address:
    """An address where nobody listens."""
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)) as address:
        return address


@pytest.fixture(scope="session")
def http_service():
    return serve_http


@pytest.fixture(scope="session")
def bytes_service():
    return serve_bytes


@pytest.fixture
def nobody() -> Address:
    return find_nobody()


# --- the site itself, as it is served -----------------------------------------------------------------------

COMMAND = [sys.executable, "-m", "gunicorn", "-c", "python:web.gunicorn_conf", "web.wsgi"]


@contextlib.contextmanager
def serve_site(folder, port=0, **variables):
    """Serve on a free port; yield which, the process, and the file that standard error goes to."""
    port = port or free_port()
    log = folder / "log"
    with log.open("wb") as stderr:
        environment = {**os.environ, "WEB_LISTEN": f"127.0.0.1:{port}", **variables}
        process = subprocess.Popen(COMMAND, env=environment, stderr=stderr, cwd=folder)
    try:
        deadline = time.monotonic() + 20
        while "Booting worker" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield port, process, log
    finally:
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture(scope="session")
def gunicorn():
    return serve_site
