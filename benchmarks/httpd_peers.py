"""The servers that ``benchmarks.httpd`` compares: each on a port of its own, all on one core."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.rounds import PATIENCE, SERVER_CORE, Server, pinned, stop

__all__ = ["HELLO", "nginx", "peers", "processor_time", "started"]

HELLO = "Hello, World! This is an HTTP response."

WSGI, ASGI, DJANGO = "benchmarks.httpd_apps:wsgi", "benchmarks.httpd_apps:asgi", "web.wsgi"

NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {folder};
        location /hello {{ default_type text/plain; return 200 "{hello}"; }}
    }}
}}
"""


def peers(python: str = sys.executable) -> dict[str, list[str]]:
    """Commands by name, with ``PORT`` for the port. One process each, no access log, keep-alive."""
    module = [python, "-m"]
    httpd = [*module, "httpd", "--listen", "127.0.0.1:PORT"]
    gunicorn = [
        *module,
        "gunicorn",
        "--bind",
        "127.0.0.1:PORT",
        "--keep-alive",
        "75",
        "--log-level",
        "warning",
        "--no-control-socket",
    ]
    granian = [
        *module,
        "granian",
        "--port",
        "PORT",
        "--interface",
        "wsgi",
        "--no-access-log",
        "--log-level",
        "error",
    ]
    uwsgi = [
        str(Path(python).with_name("uwsgi")),
        "--http11-socket",
        "127.0.0.1:PORT",
        "--master",
        "--die-on-term",  # else SIGTERM restarts it
        "--disable-logging",
        "--virtualenv",
        sys.prefix,
        "--threads",
        "64",
        "--listen",
        "1024",
        "--wsgi",
    ]
    return {
        "httpd": httpd,
        "httpd WSGI in the loop": [*httpd, "--app", WSGI],
        "httpd WSGI in 4 threads": [*httpd, "--app", WSGI, "--threads", "4"],
        "uvicorn": [
            *module,
            "uvicorn",
            "--port",
            "PORT",
            "--http",
            "httptools",
            "--loop",
            "uvloop",
            "--no-access-log",
            "--log-level",
            "warning",
            "--lifespan",
            "off",
            ASGI,
        ],
        "granian": [*granian, WSGI],
        "gthread": [*gunicorn, "-k", "gthread", "--threads", "4", WSGI],
        "Django on our worker": [*gunicorn, "-k", "httpd.gunicorn.Worker", DJANGO],
        "Django on our worker, 4 threads": [
            *gunicorn,
            "-k",
            "httpd.gunicorn.Worker",
            "--threads",
            "4",
            DJANGO,
        ],
        "Django on gthread": [*gunicorn, "-k", "gthread", "--threads", "4", DJANGO],
        "Django on granian": [*granian, f"{DJANGO}:application"],
        "Django on uWSGI": [*uwsgi, DJANGO],
    }


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def started(command: Sequence[str], path: str, **environ: str) -> Iterator[Server]:
    """Start a server, wait until it answers ``path`` with 200, and stop it at the end."""
    port = free_port()
    words = [word.replace("PORT", str(port)) for word in command]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            pinned(SERVER_CORE, words), stdout=said, stderr=said, env={**os.environ, **environ}
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(port, path):
                if process.poll() is not None or time.monotonic() > deadline:
                    text = os.pread(said.fileno(), 65536, 0).decode(errors="replace")
                    raise RuntimeError(f"{' '.join(words)} does not answer {path}: {text}")
                time.sleep(0.05)
            yield Server(process, "127.0.0.1", port)
        finally:
            stop(process)


def answers(port: int, path: str) -> bool:
    """Does it answer with 200?"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    """nginx with one worker: /hello from its configuration, the files of a folder by sendfile."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin")
    if program is None:
        raise SystemExit("nginx is missing: install it, it is what static files are compared with")
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, hello=HELLO))
    command = [program, "-p", str(folder), "-c", "nginx.conf"]
    with subprocess.Popen(pinned(SERVER_CORE, command), stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(port, "/hello"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("nginx does not answer")
                time.sleep(0.05)
            yield Server(process, "127.0.0.1", port)
        finally:
            stop(process)


def processor_time(server: Server) -> float:
    """Seconds of processor time that a server and the processes that it started have used."""
    nanoseconds = 0
    queue = [server.process.pid]
    while queue:
        for task in Path(f"/proc/{queue.pop()}/task").iterdir():
            nanoseconds += int((task / "schedstat").read_text().split()[0])
            queue += map(int, (task / "children").read_text().split())
    return nanoseconds / 1e9
