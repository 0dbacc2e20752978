"""How Gunicorn serves the site: ``gunicorn -c python:web.gunicorn_conf web.wsgi``, each line with its reason.

Importable, so that the same words start it in a container and in a checkout, whatever the current folder is.
"""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.exceptions import ImproperlyConfigured

try:
    from web import settings
    from web.counts import counts
except ImproperlyConfigured as error:
    # A wrong setting ends the master here with its sentence, before a worker tries, fails and is started
    # again.
    sys.exit(f"web: {error}")

bind = str(settings.WEB_LISTEN)

# Threads in one process: a view that waits for Redis or for another service leaves the others running, and an
# idle kept-alive connection occupies the worker's poller, not a thread. (The sync worker closes every
# connection.) Ours counts, so that every process can say what all of them have done.
worker_class = "web.worker.CountingWorker"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS

# Open connections a worker holds, idle ones included; past it the kernel's backlog is the queue.
worker_connections = 4096

# Longer than nginx keeps an idle upstream connection (60 s), so that it is nginx who closes: a server that
# closes first races with a request on its way, and the visitor sees a 502.
keepalive = settings.WEB_KEEPALIVE

# What is in flight may finish this long after SIGTERM.
graceful_timeout = settings.WEB_GRACEFUL_TIMEOUT

# A worker that has not told the master that it lives for this long is replaced. Threads do the work, so that
# this is about a process that hangs, not about a slow request.
timeout = 30

# The sign of life is a file whose times are changed every second: in memory where possible, since on a disk
# under load that system call can block, and a worker that only waited for its disk would be killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (Gunicorn's file is private)

# The limits that the rungs below have: an 8 KiB request-line, 100 field lines.
limit_request_line = 8190  # Gunicorn's highest, less the line break
limit_request_fields = 100
limit_request_field_size = 8190

# Only nginx may say with X-Forwarded-Proto how the visitor came; from any other peer the field is ignored.
forwarded_allow_ips = settings.FORWARDED_ALLOW_IPS

# nginx writes the access log, with the upstream's time in it; a second one here would cost every request a
# line and make this rung slower than those that write none. WEB_ACCESS_LOG=1 turns it on.
accesslog = "-" if settings.WEB_ACCESS_LOG else None
errorlog = "-"

# The same one-line events as Django's, on standard error.
logger_class = "web.server_log.ServerLog"

# Nobody steers Gunicorn through its socket here: signals do, from the supervisor or the container's engine.
# The socket would want a writable home folder.
control_socket_disable = True

# The name that the process list shows, as everywhere in this stack.
proc_name = "web"


def when_ready(server: Any) -> None:  # noqa: ANN401 (Gunicorn's, which has no types)
    """Have a second SIGTERM hurry, as everywhere in this stack: for Gunicorn that is SIGQUIT."""
    told = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal told
        server.signal(signal.SIGQUIT if told else number, frame)
        told = True

    signal.signal(signal.SIGTERM, stop)


def post_worker_init(worker: Any) -> None:  # noqa: ANN401 (Gunicorn's, which has no types)
    """Say that a worker serves: Gunicorn says so before it has imported the site."""
    worker.log.info("serving on %s", bind)


def child_exit(server: Any, worker: Any) -> None:  # noqa: ANN401, ARG001 (Gunicorn's, which has no types)
    """Forget the connections of a worker that has ended, however it did. The master calls it."""
    counts.forget(worker.age)


# Not the settings' own names: Gunicorn takes every name of this module for a setting of its own.
del settings
