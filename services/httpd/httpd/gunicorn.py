"""A worker class for Gunicorn: its master, configuration, reload and graceful stop; our HTTP and WSGI.

``gunicorn -k httpd.gunicorn.Worker module:application``. With ``--threads 1``, which is Gunicorn's default,
the application runs in the loop; with more, in that many threads beside it. What is taken from Gunicorn's
configuration: bind, workers, threads, timeout, graceful_timeout, keepalive, worker_connections,
max_requests, limit_request_line and limit_request_fields, forwarded_allow_ips, reload. Its access log, its
pre_request and post_request hooks, its TLS and limit_request_field_size are not: field lines have 64 KiB, all
together.
"""

import os
import socket
import sys
from io import TextIOBase
from threading import Event, Thread
from typing import Any, TextIO, cast

from gunicorn.workers.base import Worker as Base  # type: ignore[import-untyped]
from serving.counters import Board
from serving.driver import Service as Served
from serving.limits import Limits as Deadlines
from serving.log import Log
from serving.selector import Selector

from httpd.application import Answer
from httpd.limits import Limits
from httpd.request import Request
from httpd.service import Service
from httpd.wsgi.environ import EnvironWriter, Proxies
from httpd.wsgi.gateway import Gateway

__all__ = ["Worker"]

#: Seconds between two signs of life. The master misses them after ``timeout``, 30 seconds if it is not set.
BEAT = 1.0

#: Gunicorn has no limit to a request's content; an application has. It is streamed, so that none is needed
#: here.
NO_LIMIT = 10**18 - 1

#: With one thread it is gathered, in a file if need be, and a disk has an end.
MOST_GATHERED = 1 << 30


class Worker(Base):  # type: ignore[misc]  # Gunicorn is not typed
    """One process of Gunicorn's.

    All of it runs in the main thread, but for applications, and for listeners after the first.
    """

    alive: bool
    drivers: list[Selector]

    def run(self) -> None:
        """Serve until the master says stop, or has gone."""
        cfg = self.cfg
        if cfg.is_ssl:
            self.log.error(
                "httpd.gunicorn does not speak TLS: let nginx do that, and take certfile and keyfile out"
            )
            sys.exit(1)
        log = Log("httpd", cast("TextIO", Stream(self.log)))
        board = Board()
        service = self.make_service()
        self.drivers = [
            Selector(own(listener.sock), service, board.add("httpd"), log) for listener in self.sockets
        ]
        self.notify()  # the master looks for the next sign of life only after the first
        done = Event()
        Thread(target=self.beat, args=(done,), name="beat", daemon=True).start()
        others = [Thread(target=driver.run, name="listener") for driver in self.drivers[1:]]
        for other in others:
            other.start()
        self.drivers[0].run()
        done.set()
        for other in others:
            other.join()

    def make_service(self) -> Served:
        """Put the application together with what Gunicorn's configuration says."""
        cfg = self.cfg
        threads = cfg.threads if cfg.threads > 1 else 0
        write_environ = EnvironWriter(
            multithread=threads > 0,
            multiprocess=cfg.workers > 1,
            script_name=os.environ.get("SCRIPT_NAME", ""),
            proxies=Proxies(cfg.forwarded_allow_ips),
        )
        limits = Limits(
            request_line=cfg.limit_request_line or NO_LIMIT,
            field_count=cfg.limit_request_fields or NO_LIMIT,
            content=NO_LIMIT if threads else MOST_GATHERED,
        )
        alone = threads == 0  # in the main thread, where SystemExit is how Gunicorn ends a worker that hangs
        gateway = Gateway(self.wsgi, write_environ, inline=alone, gather=alone, exits=alone)
        self.service = Service(Counting(self, gateway) if cfg.max_requests else gateway, limits)
        deadlines = Deadlines(
            idle=max(cfg.keepalive, BEAT),
            drain=max(cfg.graceful_timeout, BEAT),
            connections=cfg.worker_connections,
        )
        return Served("httpd", self.service, deadlines, self.service.busy(), threads)

    def beat(self, done: Event) -> None:
        """In a thread of its own:

        Have the loop show that it turns. A loop that hangs is silent, and the master ends it.
        """
        while not done.wait(BEAT):
            self.drivers[0].call(self.turned)

    def turned(self) -> None:
        """In the loop: it turns."""
        self.notify()
        if self.ppid != os.getppid():
            self.log.info("Parent changed, shutting down: %s", self)
            self.alive = False
        if not self.alive:
            self.stop()

    def stop(self) -> None:
        """Accept no more, finish what is in flight. Also from a signal handler."""
        self.alive = False
        for driver in getattr(self, "drivers", []):
            if not driver.stopping:
                driver.stop()

    def handle_exit(self, sig: int, frame: Any) -> None:  # noqa: ARG002, ANN401 - Gunicorn's signature
        """SIGTERM, and SIGHUP to the master: stop gracefully."""
        self.stop()


class Counting:
    """An application that stops its worker after so many requests: Gunicorn's ``max_requests``."""

    def __init__(self, worker: Worker, gateway: Gateway) -> None:
        self._worker = worker
        self._gateway = gateway

    def __call__(self, request: Request) -> Answer:
        worker = self._worker
        worker.nr += 1
        if worker.nr >= worker.max_requests and worker.alive:
            worker.log.info("Autorestarting worker after current request.")
            worker.stop()
        return self._gateway(request)


class Stream(TextIOBase):
    """Lines for Gunicorn's own log."""

    def __init__(self, log: Any) -> None:  # noqa: ANN401 - Gunicorn is not typed
        super().__init__()
        self._log = log

    def write(self, text: str) -> int:
        self._log.info(text.rstrip("\n"))
        return len(text)


class UnixListener(socket.socket):
    """A listener in the file system. Its peers have no address; the contract wants one."""

    def _accept(self) -> tuple[int, tuple[str, int]]:
        """What the driver calls; ``accept`` would make an object of it."""
        descriptor, _ = super()._accept()  # type: ignore[misc]  # no stub has it
        return descriptor, ("", 0)

    def getsockname(self) -> tuple[str, int]:
        return "localhost", 0


def own(listener: socket.socket) -> socket.socket:
    """Take a listener over from Gunicorn. The driver closes it; the master has its own descriptor of it."""
    kind = UnixListener if listener.family == socket.AF_UNIX else socket.socket
    taken = kind(listener.family, listener.type, listener.proto, fileno=listener.detach())
    taken.setblocking(False)
    return taken
