"""Every rung of the ladder, directly and with an nginx before it: connections kept, made anew, or only bytes.

The nginx of this suite does nothing but pass on: no access log, no fields of its own, one worker. What the
stack's own does beside that (a log line, limits, X-Forwarded-…) is in the ladder's figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bench.suites import GREETING
from comparisons.table import Candidate, Comparison, Exchange, Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comparisons.table import Behind

__all__ = ["SUITE", "afresh", "kept", "streamed"]

PROCESS: Final = """
worker_processes 1;
error_log stderr warn;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
"""
"""What all three have in common. Each candidate has one process, so the proxy has one as well."""

HTTP: Final = """
http {{
    access_log off;
    server_tokens off;
    client_body_temp_path "{tmp}/content";
    proxy_temp_path "{tmp}/proxied";
    fastcgi_temp_path "{tmp}/fastcgi";
    uwsgi_temp_path "{tmp}/uwsgi";
    scgi_temp_path "{tmp}/scgi";
    keepalive_requests 1000000;  # to renew connections is work that a measurement sees: the load's side,
    proxy_http_version 1.1;
{servers}
}}
"""

KEPT: Final = """
    upstream {name} {{
        server {address};
        keepalive 64;
        keepalive_timeout 10s;  # nginx lets go first: a candidate could do so as a request is on its way
        keepalive_requests 1000000;  # and the candidates'
    }}
    server {{
        listen {host}:{port} backlog=4096;
        location / {{
            proxy_pass http://{name};
            proxy_set_header Host $http_host;
            proxy_set_header Connection "{connection}";
            proxy_set_header Upgrade {upgrade};
        }}
    }}
"""

AFRESH: Final = """
    upstream {name} {{
        server {address};
    }}
    server {{
        listen {host}:{port} backlog=4096;
        location / {{
            proxy_pass http://{name};
            proxy_set_header Host $http_host;
            proxy_set_header Connection close;
        }}
    }}
"""

STREAM: Final = """
    server {{
        listen {host}:{port} backlog=4096;
        proxy_pass {address};
    }}
"""


def kept(behind: Sequence[Behind]) -> str:
    """HTTP, and connections to the candidates that stay open between requests.

    A WebSocket's opening handshake is passed on as what it is (RFC 9110, section 7.8): Connection and Upgrade
    are between two neighbours, and a proxy leaves them out unless it is told to say them anew.
    """
    servers = "".join(
        KEPT.format(
            **each._asdict(),
            connection="upgrade" if each.protocol == "ws" else "",
            upgrade="$http_upgrade" if each.protocol == "ws" else '""',
        )
        for each in behind
    )
    return PROCESS + HTTP.format(tmp=behind[0].tmp, servers=servers)


def afresh(behind: Sequence[Behind]) -> str:
    """HTTP, and a new connection for each request, as nginx had it by default until 1.29.7."""
    return PROCESS + HTTP.format(
        tmp=behind[0].tmp, servers="".join(AFRESH.format(**each._asdict()) for each in behind)
    )


def streamed(behind: Sequence[Behind]) -> str:
    """Bytes: nginx neither knows nor asks what they mean. A connection here is one there."""
    servers = "".join(STREAM.format(**each._asdict()) for each in behind)
    return f"{PROCESS}\nstream {{\n    access_log off;\n{servers}\n}}\n"


WEB_HELLO: Final = Exchange(job="hello", protocol="http", path="/hello/", expected=GREETING)
HELLO: Final = Exchange(job="hello", protocol="http", path="/hello", expected=GREETING)
ECHO: Final = Exchange(job="echo", protocol="http", path="/echo")


def rung(name: str, command: str, server: str, settings: str, *exchanges: Exchange, **more: Any) -> Candidate:  # noqa: ANN401 - fields of a Candidate
    """A service of the stack, as the stack runs it by default. All have one environment, and one image."""
    return Candidate(
        name=name,
        title=name,
        command=f"{{python}} -m {command}",
        uses=("serving", "tcp", "httpd", "rooms", "web", "realtime"),
        group="rungs",
        server=server,
        settings=settings,
        reason="As the stack runs it by default.",
        exchanges=exchanges,
        **more,
    )


SUITE: Final = Comparison(
    name="proxy",
    title="With an nginx before it, and without",
    question="What does a proxy add to each rung, and what if it keeps its connections, or only moves bytes?",
    ways=(
        Way("nginx, kept connections", kept, protocols=("http", "ws")),
        Way("nginx, a new connection each", afresh, protocols=("http",)),
        Way("nginx, only bytes", streamed, protocols=("tcp", "http", "ws")),
    ),
    candidates=(
        rung(
            "tcp", "tcp --protocol echo --listen {host}:{port}", "tcp, selector", "1 process, 1 thread",
            Exchange(job="echo", protocol="tcp"),
        ),
        rung(
            "httpd", "httpd --listen {host}:{port}", "httpd, selector", "1 process, 1 thread", HELLO, ECHO,
        ),
        rung(
            "httpd-wsgi", "httpd --app httpd.demo:application --threads 4 --listen {host}:{port}",
            "httpd, selector", "1 process, 4 threads", HELLO, ECHO,
        ),
        rung(
            "web", "gunicorn -c python:web.gunicorn_conf web.wsgi", "Gunicorn, gthread",
            "1 process, 4 threads", WEB_HELLO, ECHO, versions=("django", "gunicorn"),
            environment={
                "WEB_LISTEN": "{host}:{port}", "WEB_WORKERS": "1", "WEB_THREADS": "4",
                "SECRET_KEY_FILE": "{tmp}/secret_key", "STATIC_ROOT": "{tmp}/static",
            },
        ),
        rung(
            "realtime", "realtime --listen {host}:{port} --workers 1", "uvicorn", "1 process",
            Exchange(job="echo", protocol="ws", path="/ws/echo"),
            versions=("django", "channels", "uvicorn"), needs=("redis",),
        ),
    ),
)  # fmt: skip
