"""``python -m web.lab.host SERVER``: one WSGI server with the lab's application, on a free loopback port.

A process of its own for each, so that no server knows of another, nor of the site. It ends when it is told
to, and at the latest when its alarm goes off, even if the site that started it has gone: an alarm outlives
``exec``.
"""

import os
import signal
import sys
from wsgiref.simple_server import make_server

from werkzeug.serving import make_server as make_werkzeug_server

from web.lab.specimen import application

__all__ = ["HOSTS"]

#: Seconds that a server may live. It is there for one request.
LIFETIME = 30

APPLICATION = "web.lab.specimen:application"


def announce(port: int) -> None:
    """Say that connections are accepted, in the words that httpd has for it."""
    sys.stderr.write(f"listening on 127.0.0.1:{port}\n")
    sys.stderr.flush()


def wsgiref() -> None:
    """The standard library's, as its documentation starts it."""
    with make_server("127.0.0.1", 0, application) as server:
        announce(server.server_port)
        server.serve_forever()


def werkzeug() -> None:
    """Flask's development server, with threads, as `flask run` has it."""
    server = make_werkzeug_server("127.0.0.1", 0, application, threaded=True)
    announce(server.port)
    server.serve_forever()


def httpd() -> None:
    """Ours."""
    become("httpd", "--listen", "127.0.0.1:0", "--app", APPLICATION, "--model", "selector", "--threads", "4")


def gunicorn() -> None:
    """Gunicorn with threads. The application is loaded before it listens, so that nobody waits for that."""
    become(
        "gunicorn", "--bind", "127.0.0.1:0", "--threads", "4", "--preload", "--no-control-socket", APPLICATION
    )


def become(module: str, *arguments: str) -> None:
    """Run a module in this process' place."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 (no word of it is a visitor's)


HOSTS = {"wsgiref": wsgiref, "werkzeug": werkzeug, "httpd": httpd, "gunicorn": gunicorn}

if __name__ == "__main__":
    signal.alarm(LIFETIME)
    HOSTS[sys.argv[1]]()
