"""The stack's processes: a table. What each is started with, what tells that it is well, and the ports it
takes.

In the order in which they start; they stop in the opposite one, nginx first. A service and the container of
the same name start with the same words.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from native import addresses, health
from native.addresses import LOOPBACK, MODELS, PROTOCOLS, SERVERS, join, published_host
from native.ports import Listener
from native.run_dir import ROOT, RunDir
from native.settings import Settings
from native.venv import PYTHON

__all__ = ["Program", "environment", "programs"]

#: What our own servers say once they accept connections.
LISTENING = "listening on "

#: Redis answers from its first moment on, if only that it is still loading its data. So one that says nothing
#: for as long hangs, and to wait for the others would tell nobody why.
REDIS_SILENT_FOR = 30.0


@dataclass(frozen=True)
class Program:
    """One line of the table."""

    name: str
    command: tuple[str, ...]
    probe: health.Probe
    listeners: tuple[Listener, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path = ROOT
    count: int = 1
    stop_signal: str = "TERM"
    announces: str = ""
    """What it logs once it serves. One that says so shares its port, and can be replaced while it serves."""
    silent_for: float = math.inf
    """Seconds in which it may accept connections and answer none when it starts: some listen before they have
    imported what they serve."""

    @property
    def process_names(self) -> list[str]:
        """What its processes and their logs are called."""
        return [self.name] if self.count == 1 else [f"{self.name}-{number}" for number in range(self.count)]


def environment(settings: Settings, run_dir: RunDir, environ: Mapping[str, str]) -> dict[str, str]:
    """What every program finds in its environment: the caller's, the settings, and where the others are."""
    # Left out: what `make` says to its own children, and what would lead our Python or Django elsewhere.
    strangers = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE")
    return {
        **{name: value for name, value in environ.items() if name not in strangers},
        **settings,
        **addresses.variables(settings),
        "RUN_DIR": str(run_dir.path),
        "SECRET_KEY_FILE": str(run_dir.secret_key),
        "REDIS_PASSWORD_FILE": str(run_dir.redis_password),
        "STATIC_ROOT": str(run_dir.static),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def python(*words: object) -> tuple[str, ...]:
    """A command line of our environment's Python."""
    return (str(PYTHON), *(str(word) for word in words))


def local(settings: Settings, *variables: str) -> tuple[Listener, ...]:
    """Listeners on loopback."""
    return tuple(Listener(name, LOOPBACK, settings.number(name)) for name in variables)


def programs(
    settings: Settings,
    run_dir: RunDir,
    *,
    nginx: str,
    redis: str,
    models: bool = False,
    servers: bool = False,
) -> list[Program]:
    """Every program of the stack; ``nginx`` and ``redis`` are the paths of the two servers."""
    return [
        redis_program(settings, run_dir, redis),
        tcp(settings),
        *(tcp_model(settings, model) for model in (MODELS if models else ())),
        httpd(settings),
        httpd_wsgi(settings),
        web(settings),
        *(web_server(settings, server) for server in (SERVERS if servers else ())),
        realtime(settings),
        locust(settings),
        locust_worker(settings),
        nginx_program(settings, run_dir, nginx),
    ]


def redis_program(settings: Settings, run_dir: RunDir, binary: str) -> Program:
    return Program(
        "redis",
        (binary, str(run_dir.path / "redis.conf")),
        health.redis_pong(LOOPBACK, settings.number("REDIS_PORT"), run_dir.redis_password),
        local(settings, "REDIS_PORT"),
        silent_for=REDIS_SILENT_FOR,
    )


def tcp(settings: Settings) -> Program:
    ports = {protocol: f"{prefix}_DIRECT_PORT" for protocol, prefix in PROTOCOLS.items()}
    listen = [
        word
        for protocol, port in ports.items()
        for word in ("--listen", join(LOOPBACK, settings.number(port)), "--protocol", protocol)
    ]
    return Program(
        "tcp",
        python(
            "-m", "tcp", *listen, "--model", settings["TCP_MODEL"], "--workers", settings["TCP_WORKERS"],
            "--shared",
        ),
        health.both(
            health.tcp_echo(LOOPBACK, settings.number("TCP_ECHO_DIRECT_PORT")),
            health.tcp_room(LOOPBACK, settings.number("TCP_ROOM_DIRECT_PORT")),
        ),
        local(settings, *ports.values()),
        announces=LISTENING,
    )  # fmt: skip


def tcp_model(settings: Settings, model: str) -> Program:
    port = settings.number(MODELS[model])
    return Program(
        f"tcp-{model}",
        python("-m", "tcp", "--listen", join(LOOPBACK, port), "--protocol", "echo", "--model", model),
        health.tcp_echo(LOOPBACK, port),
        local(settings, MODELS[model]),
    )


def httpd(settings: Settings) -> Program:
    port = settings.number("HTTPD_DIRECT_PORT")
    model, workers = settings["HTTPD_MODEL"], settings["HTTPD_WORKERS"]
    return Program(
        "httpd",
        python(
            "-m", "httpd", "--listen", join(LOOPBACK, port), "--model", model, "--workers", workers,
            "--shared",
        ),
        health.http_ok(LOOPBACK, port, "/healthz"),
        local(settings, "HTTPD_DIRECT_PORT"),
        announces=LISTENING,
    )  # fmt: skip


def httpd_wsgi(settings: Settings) -> Program:
    port = settings.number("HTTPD_WSGI_DIRECT_PORT")
    model, workers = settings["HTTPD_MODEL"], settings["HTTPD_WORKERS"]
    return Program(
        "httpd-wsgi",
        python(
            "-m", "httpd", "--listen", join(LOOPBACK, port), "--model", model, "--workers", workers,
            "--threads", settings["HTTPD_WSGI_THREADS"], "--app", "httpd.demo:application", "--shared",
        ),
        health.http_ok(LOOPBACK, port, "/healthz"),
        local(settings, "HTTPD_WSGI_DIRECT_PORT"),
        announces=LISTENING,
    )  # fmt: skip


def web(settings: Settings) -> Program:
    port = settings.number("WEB_DIRECT_PORT")
    return Program(
        "web",
        python("-m", "gunicorn", "--config", "python:web.gunicorn_conf", "--reuse-port", "web.wsgi"),
        health.http_ok(LOOPBACK, port, "/healthz"),
        local(settings, "WEB_DIRECT_PORT"),
        {"WEB_LISTEN": join(LOOPBACK, port)},
        announces="serving on ",
    )


def web_server(settings: Settings, server: str) -> Program:
    port = settings.number(SERVERS[server])
    return Program(
        f"web-{server}",
        python(
            "-m", "gunicorn", "--config", "python:web.gunicorn_conf", "--name", f"web-{server}",
            "--worker-class", f"{server}.gunicorn.Worker", "web.wsgi",
        ),
        health.http_ok(LOOPBACK, port, "/healthz"),
        local(settings, SERVERS[server]),
        {"WEB_LISTEN": join(LOOPBACK, port)},
    )  # fmt: skip


def realtime(settings: Settings) -> Program:
    port = settings.number("REALTIME_DIRECT_PORT")
    return Program(
        "realtime",
        python(
            "-m", "realtime", "--listen", join(LOOPBACK, port), "--workers", settings["REALTIME_WORKERS"],
            "--shared",
        ),
        health.http_ok(LOOPBACK, port, "/healthz"),
        local(settings, "REALTIME_DIRECT_PORT"),
        announces=LISTENING,
    )  # fmt: skip


def locust(settings: Settings) -> Program:
    port, master = settings["LOCUST_DIRECT_PORT"], settings["LOCUST_MASTER_PORT"]
    return Program(
        "locust",
        python(
            "-m", "locust", "--config", "loadtests/page.conf", "--master",
            "--master-bind-host", LOOPBACK, "--master-bind-port", master,
            "--web-host", LOOPBACK, "--web-port", port,
        ),
        health.http_ok(LOOPBACK, int(port), "/locust/livez"),
        local(settings, "LOCUST_DIRECT_PORT", "LOCUST_MASTER_PORT"),
    )  # fmt: skip


def locust_worker(settings: Settings) -> Program:
    count = settings.number("LOCUST_WORKERS")
    return Program(
        "locust-worker",
        python(
            "-m", "locust", "--locustfile", "loadtests/locustfile.py", "--worker",
            "--master-host", LOOPBACK, "--master-port", settings["LOCUST_MASTER_PORT"],
        ),
        health.locust_workers(LOOPBACK, settings.number("LOCUST_DIRECT_PORT"), count),
        count=count,
    )  # fmt: skip


def nginx_program(settings: Settings, run_dir: RunDir, binary: str) -> Program:
    published = ("HTTP_PORT", *(f"{prefix}_PORT" for prefix in PROTOCOLS.values()))
    host = published_host(settings)
    return Program(
        "nginx",
        (binary, "-e", "stderr", "-c", str(run_dir.path / "nginx" / "nginx.conf")),
        health.both(
            health.http_ok(host, settings.number("HTTP_PORT"), "/healthz"),
            health.tcp_echo(host, settings.number("TCP_ECHO_PORT")),
        ),
        (
            *(Listener(name, settings["BIND"], settings.number(name)) for name in published),
            *local(settings, "NGINX_STATUS_PORT"),
        ),
        # Finishes what is in flight; SIGTERM would cut it.
        stop_signal="QUIT",
    )
