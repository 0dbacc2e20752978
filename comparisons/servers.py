"""The unchanged site on other servers: `web` on those that speak WSGI, `realtime` on those that speak ASGI.

All have one process, and four threads where an application runs in a pool of them: what the stack itself has
by default. None logs requests, none compresses, and all keep a connection open, if they can.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from bench.suites import GREETING
from comparisons.table import Comparison, Exchange, on_server

if TYPE_CHECKING:
    from comparisons.table import Candidate

__all__ = ["SUITE"]

HELLO: Final = Exchange(job="hello", protocol="http", path="/hello/", expected=GREETING)
ECHO: Final = Exchange(job="echo", protocol="http", path="/echo")
SOCKET: Final = Exchange(job="echo", protocol="ws", path="/ws/echo")
ROOM: Final = Exchange(job="websocket", protocol="room", name="room", rate=20.0)

WEB: Final = ("serving", "tcp", "httpd", "rooms", "web")
REALTIME: Final = ("rooms", "realtime")

#: Where nothing may be written but to this folder.
WRITES: Final = {"SECRET_KEY_FILE": "{tmp}/secret_key", "STATIC_ROOT": "{tmp}/static"}

COLLECTED: Final = "{python} -m comparisons.apps.web_collected "
"""Before each server of `web`: it becomes the server when the site's static files are there."""

#: One worker, the keep-alive that the site's own configuration has, and nothing said but what is wrong.
GUNICORN: Final = (
    "{python} -m gunicorn --bind {host}:{port} --workers 1 --keep-alive 75 --worker-connections 4096 "
    "--log-level warning --no-control-socket"
)

UWSGI: Final = (
    "--master --processes 1 --threads 4 --need-app --die-on-term --disable-logging --listen 1024 "
    "--module web.wsgi:application"
)


def wsgi(name: str, title: str, command: str, *row: str, group: str = "web") -> Candidate:
    """The site `web` on this server; in the site's own environment, unless it needs more."""
    return on_server(
        name, title, COLLECTED + command, *row,
        group=group, uses=WEB, environment=WRITES, exchanges=(HELLO, ECHO),
    )  # fmt: skip


asgi: Final = partial(on_server, group="realtime", uses=REALTIME, exchanges=(SOCKET, ROOM), needs=("redis",))
"""The site `realtime` on this server; likewise."""

WSGI: Final = (
    wsgi(
        "wsgiref",
        "wsgiref",
        "{python} -m comparisons.apps.web_wsgiref {host} {port}",
        "1 process, 1 thread: one connection after the other; HTTP/1.0, a connection for each request",
        "There is nothing to set: the standard library calls it a reference, and not for production.",
    ),
    wsgi(
        "werkzeug",
        "Werkzeug's development server",
        "{python} -m comparisons.apps.web_werkzeug {host} {port}",
        "1 process, a thread for each connection",
        "As `flask run` starts it; its documentation says not to use it in production, and people do.",
        "Werkzeug>=3.1",
    ),
    wsgi(
        "waitress",
        "waitress",
        "{python} -m waitress --listen={host}:{port} --threads=4 web.wsgi:application",
        "1 process, 4 threads, which is its default",
        "Its documentation sets nothing but the address; the threads are said once more to be seen.",
        "waitress>=3",
        group="web-waitress",
    ),
    wsgi(
        "httpd",
        "httpd",
        "{python} -m httpd --listen {host}:{port} --app web.wsgi:application --model selector --threads 4",
        "1 process, 4 threads beside the loop",
        "As the stack starts it: a loop for the connections, threads for an application that may block.",
    ),
    wsgi(
        "gunicorn-sync",
        "Gunicorn, sync",
        f"{GUNICORN} --worker-class sync web.wsgi:application",
        "1 process, 1 thread; closes each connection",
        "Gunicorn's default. It recommends 2 × cores + 1 of them behind nginx; one is what the others have.",
        "gunicorn>=27",
    ),
    wsgi(
        "gunicorn-gthread",
        "Gunicorn, gthread",
        f"{GUNICORN} --worker-class gthread --threads 4 web.wsgi:application",
        "1 process, 4 threads, keep-alive",
        "What the stack's own configuration has: an idle connection waits in a poller and takes no thread.",
        "gunicorn>=27",
    ),
    wsgi(
        "gunicorn-gevent",
        "Gunicorn, gevent",
        f"{GUNICORN} --worker-class gevent web.wsgi:application",
        "1 process, 1 thread, a greenlet for each connection",
        "What Gunicorn recommends where requests wait for others; it has no threads to set.",
        "gunicorn[gevent]>=27",
        "packaging>=25",  # which its worker imports, and it does not ask for
        group="web-gevent",
    ),
    wsgi(
        "gunicorn-httpd",
        "Gunicorn, httpd's worker",
        f"{GUNICORN} --worker-class httpd.gunicorn.Worker --threads 4 web.wsgi:application",
        "1 process, 4 threads beside the loop, keep-alive",
        "Gunicorn's master and configuration with the HTTP that is written by hand here.",
        "gunicorn>=27",
    ),
    wsgi(
        "uwsgi-socket",
        "uWSGI, http-socket",
        "{bin}/uwsgi --http-socket {host}:{port} --add-header 'Connection: close' " + UWSGI,
        "1 process, 4 threads; closes each connection",
        "What its documentation recommends behind nginx; the field is added, as it closes without saying so.",
        "pyuwsgi>=2.0.30",
        group="web-uwsgi",
    ),
    wsgi(
        "uwsgi-router",
        "uWSGI, http router",
        "{bin}/uwsgi --http {host}:{port} --http-keepalive=75 --http-auto-chunked " + UWSGI,
        "1 process, 4 threads, and a process in front of it that speaks HTTP; keep-alive",
        "What its documentation recommends where clients come without a server in between.",
        "pyuwsgi>=2.0.30",
        group="web-uwsgi",
    ),
    wsgi(
        "granian",
        "Granian",
        "{python} -m granian --interface wsgi --host {host} --port {port} --workers 1 --blocking-threads 4 "
        "--http 1 --no-ws --backlog 1024 --log-level error web.wsgi:application",
        "1 process, 4 threads for the application, 1 of Rust's for the connections",
        "Its defaults, but for the threads, which all have alike, and HTTP/2, which nobody asks for here.",
        "granian>=2.8",
        group="web-granian",
    ),
)

ASGI: Final = (
    asgi(
        "realtime",
        "python -m realtime",
        "{python} -m realtime --listen {host}:{port}",
        "1 process, uvloop, httptools, websockets' sans-I/O core, frames sent without a task",
        "As the stack starts it: uvicorn with protocols of the service's own.",
    ),
    asgi(
        "uvicorn",
        "uvicorn",
        "{python} -m uvicorn --host {host} --port {port} --workers 1 --loop uvloop --http httptools "
        "--no-access-log --log-level warning realtime.asgi:application",
        "1 process, uvloop, httptools, websockets",
        "What `uvicorn[standard]` installs and chooses, which is what its documentation recommends.",
        "uvicorn>=0.54",
        "uvloop>=0.23",
        "httptools>=0.8",
        "websockets>=17",
    ),
    asgi(
        "daphne",
        "Daphne",
        "{python} -m daphne --bind {host} --port {port} --verbosity 0 realtime.asgi:application",
        "1 process, Twisted and autobahn; no lifespan, which the room needs",
        "Channels' reference server, with its defaults: it has one process and nothing else to choose.",
        "daphne>=4.2",
        group="realtime-daphne",
    ),
    asgi(
        "hypercorn",
        "Hypercorn",
        "{python} -m hypercorn --bind {host}:{port} --workers 1 --worker-class uvloop --log-level WARNING "
        "realtime.asgi:application",
        "1 process, uvloop, h11 and wsproto",
        "Its documentation has uvloop for speed; the rest are its defaults.",
        "hypercorn>=0.18",
        "uvloop>=0.23",
        group="realtime-hypercorn",
    ),
    asgi(
        "granian-asgi",
        "Granian, ASGI",
        "{python} -m granian --interface asgi --host {host} --port {port} --workers 1 --loop uvloop --http 1 "
        "--ws --log-level error realtime.asgi:application",
        "1 process, uvloop, HTTP and WebSocket in Rust",
        "Its defaults with uvloop, which it recommends; HTTP/2 is off, as nobody asks for it here.",
        "granian>=2.8",
        "uvloop>=0.23",
        group="realtime-granian",
    ),
    asgi(
        "gunicorn-asgi",
        "Gunicorn, asgi",
        f"{GUNICORN} --worker-class asgi --asgi-loop uvloop realtime.asgi:application",
        "1 process, uvloop, WebSocket by Gunicorn itself",
        "Gunicorn's own worker for ASGI, which takes uvloop where that is installed, as recommended.",
        "gunicorn>=27",
        "uvloop>=0.23",
        group="realtime-gunicorn",
    ),
)

SUITE: Final = Comparison(
    name="servers",
    title="The same site on other servers",
    question="What does the server cost, where the site is the same: Django over WSGI, Channels over ASGI?",
    candidates=(*WSGI, *ASGI),
    rate=300.0,
)
