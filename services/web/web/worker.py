"""Gunicorn's threaded worker, which counts what it does, waits for nobody, and turns nobody away."""

import select
import selectors
import socket
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped] # Gunicorn has no types

from web.counts import counts

__all__ = ["CountingWorker"]

#: Seconds for a peer to close after we have, so that a reset can't overtake our last bytes.
LINGER = 2.0


class CountingWorker(ThreadWorker):  # type: ignore[misc] # for the same reason
    """Counts requests as they begin, and connections by following Gunicorn's own count of them.

    Told to stop, it takes in those who wait at the door and then shuts it. Gunicorn's own leaves it open, so
    that whoever comes while the last answers are written waits for nothing, and is cut off at the end.

    It closes one connection while it serves the others. Gunicorn's own waits for the peer to close as well,
    two seconds at most, in the thread that accepts, so that one who doesn't close keeps everybody waiting.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 (Gunicorn's)
        super().__init__(*arguments, **options)
        self.lingering: deque[Any] = deque()  # connections that we have closed and the peer has not

    @property
    def nr_conns(self) -> int:
        """Gunicorn's count, kept where the other processes see it. Its main thread alone changes it."""
        return counts.here

    @nr_conns.setter
    def nr_conns(self, connections: int) -> None:
        counts.here = connections

    def init_process(self) -> None:
        """Take a row, after the fork and before anybody connects."""
        counts.enter(self.age)
        super().init_process()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept connections or not. When we stop, this is the moment in which Gunicorn ceases to."""
        if not enabled and not self.alive:
            self.take_in()
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def take_in(self) -> None:
        """Accept all that the kernel has connected already."""
        waiting = select.poll()
        listeners = {listener.fileno(): listener for listener in self.sockets}
        for number in listeners:
            waiting.register(number, select.POLLIN)
        while ready := waiting.poll(0):
            for number, _ in ready:
                self.accept(listeners[number])

    def finish_request(self, conn: Any, fs: Any) -> None:  # noqa: ANN401 (Gunicorn's)
        """Keep a connection for the next request, or end it."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self.linger(conn)

    def linger(self, conn: Any) -> None:  # noqa: ANN401 (Gunicorn's)
        """Say that nothing more comes, and discard what does until the peer has said so too."""
        conn.timeout = time.monotonic() + LINGER
        self.lingering.append(conn)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.discard, conn))
        except OSError:  # it has gone already
            self.let_go(conn)

    def discard(self, conn: Any, sock: socket.socket) -> None:  # noqa: ANN401 (Gunicorn's)
        """The peer sends something that nobody wants, or has closed."""
        try:
            if sock.recv(65536):
                return
        except BlockingIOError:
            return
        except OSError:  # it has gone, which is what we wait for
            pass
        self.let_go(conn)

    def let_go(self, conn: Any) -> None:  # noqa: ANN401 (Gunicorn's)
        """Close it."""
        self.lingering.remove(conn)
        with suppress(KeyError, ValueError):  # it never was in there
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Close those whose time is up. Gunicorn calls it once a second at least."""
        super().murder_pending()
        while self.lingering and self.lingering[0].timeout <= time.monotonic():
            self.let_go(self.lingering[0])

    def handle_request(self, req: Any, conn: Any) -> Any:  # noqa: ANN401 (Gunicorn's)
        """Count, and serve."""
        counts.request()
        return super().handle_request(req, conn)
