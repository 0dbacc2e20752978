"""uvicorn, configured: one event loop a process, as many processes as asked for.

With several workers the first process only starts, watches and stops them; all accept from one listening
socket.
"""

import asyncio
import logging
import multiprocessing.connection
import os
import resource
import select
import signal
import socket
import sys
import time
from types import FrameType

from django.conf import settings
from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess, multiprocess
from uvicorn.supervisors.multiprocess import Process

from realtime import limits
from realtime.fair import FairWebSocketProtocol
from realtime.logs import LOGGING
from realtime.plain import HTTPProtocol

__all__ = ["serve"]

logger = logging.getLogger("realtime")


def configuration(workers: int) -> Config:
    """Each value that is not uvicorn's default, and why."""
    return Config(
        "realtime.asgi:application",
        loop="uvloop",
        lifespan="on",  # a process that can't start its hubs must not serve
        workers=workers,
        log_config=LOGGING,
        server_header=False,
        proxy_headers=False,  # nothing here asks who the client is
        http=HTTPProtocol,
        ws=FairWebSocketProtocol,
        ws_max_size=limits.WEBSOCKET_BYTES,
        ws_ping_interval=limits.PING_SECONDS,
        ws_ping_timeout=limits.PING_SECONDS,
        # Compressing small messages costs more time than it saves bytes, and each connection its own window.
        ws_per_message_deflate=False,
        # Connections of any kind, those of plain requests too, which are short; past it 503.
        limit_concurrency=settings.CONNECTIONS + limits.PLAIN_CONNECTIONS,
        timeout_keep_alive=75,  # longer than nginx keeps its connections to us: it is nginx that closes them
        timeout_graceful_shutdown=limits.STOP_SECONDS,
    )


def serve(host: str, port: int, workers: int, *, shared: bool = False) -> None:
    """Listen and serve until SIGTERM or SIGINT; returns when all connections have been closed.

    With ``shared`` another server may listen there too, so that it can take over before this one stops.
    Raises ``OSError`` when the address can't be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=2048, reuse_port=shared) as listener:
        bound_what_is_not_read(listener)
        allow_descriptors()
        config = configuration(workers)
        if workers == 1:
            # uvicorn raises the signal again when it has stopped, to end as it was told to. It has ended.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
            Announcing(config).run([listener])
        else:
            AnnouncingWorkers(config, [listener]).run()


def bound_what_is_not_read(listener: socket.socket) -> None:
    """Let the kernel keep little for a client that does not read, and not for long.

    Connections inherit it from the listening socket. Without it, closing waits until all is sent, which to a
    client that keeps its window shut is never. (Linux has the second option; elsewhere such a client costs a
    descriptor.)
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.SEND_BUFFER)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, limits.RECEIVE_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, settings.SEND_SECONDS * 1000)


def allow_descriptors() -> None:
    """Ask for as many descriptors as there may be connections; 1,024 are given and more are allowed."""
    wanted = settings.CONNECTIONS + limits.OTHER_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    if hard < wanted:
        logger.warning(
            "%d connections need %d descriptors and %d are allowed: raise the limit (ulimit -Hn), "
            "or set REALTIME_CONNECTIONS lower",
            settings.CONNECTIONS, wanted, hard,
        )  # fmt: skip


class Draining(Server):
    """uvicorn's, which drops nobody who has knocked when it stops."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take in whom the kernel has connected already, then stop as uvicorn does."""
        waiting = select.poll()
        for listener in (listener for server in self.servers for listener in server.sockets):
            waiting.register(listener.fileno(), select.POLLIN)
        end = time.monotonic() + limits.QUIET_SECONDS
        while waiting.poll(0) and time.monotonic() < end:  # noqa: ASYNC110  it is the loop that accepts
            await asyncio.sleep(0)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; told so once more, wait for nobody. (uvicorn's own takes only SIGINT for impatience.)"""
        super().handle_exit(signal.SIGINT if self.should_exit else sig, frame)


class Announcing(Draining):
    """One process, which says when it accepts connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        announce(sockets)


class Worker(Process):
    """One of several processes. It is made by uvicorn, by the name that it knows."""

    @property
    def server(self) -> Server:
        """What it runs."""
        if self._server is None:
            self._server = Draining(self.config)
        return self._server


multiprocess.Process = Worker  # type: ignore[misc]


class AnnouncingWorkers(Multiprocess):
    """Several processes, of which the first says when all others accept connections."""

    def terminate_all(self) -> None:
        """Nobody is let in any more once the workers have shut their doors: ours is shut too."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def join_all(self) -> None:
        """Wait for the workers; told to stop once more, hurry them: uvicorn's own takes SIGINT for that."""
        told = len(self.signal_queue)
        while any(process.process.is_alive() for process in self.processes):
            if len(self.signal_queue) > told:
                told = len(self.signal_queue)
                for process in self.processes:
                    if process.pid and process.process.is_alive():
                        os.kill(process.pid, signal.SIGINT)
            multiprocessing.connection.wait([process.process.sentinel for process in self.processes], 0.2)
        super().join_all()

    def init_processes(self) -> None:
        """Start, wait, then say so."""
        super().init_processes()
        if all(
            process.wait_until_ready(timeout=30, should_exit=self.should_exit) for process in self.processes
        ):
            announce(self.sockets)


def announce(sockets: list[socket.socket] | None) -> None:
    """The line that tests, scripts and people wait for."""
    for listener in sockets or []:
        host, port = listener.getsockname()[:2]
        sys.stderr.write(f"listening on {f'[{host}]' if ':' in host else host}:{port}\n")
        sys.stderr.flush()
