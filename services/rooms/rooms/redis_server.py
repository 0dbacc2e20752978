"""A Redis of one's own, for tests and benchmarks: a real server on a free port, with its data in a folder."""

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

__all__ = ["RedisServer"]

#: Starting takes Redis some 20 ms; a machine that is busy may need a hundred times that.
START_SECONDS = 10.0


class RedisServer:
    """One ``redis-server`` process. Whoever starts it stops it, best by ``with``.

    It keeps its port and its folder over ``kill`` and ``start``, as the stack's own Redis does. The
    append-only file is written before each answer, so that even ``SIGKILL`` takes nothing that was
    acknowledged.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What a client connects to."""
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("There is no redis-server on the PATH; install the package of that name.")
        self.process = subprocess.Popen(  # noqa: S603 (our own arguments)
            [
                *(program, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)),
                *("--save", "", "--appendonly", "yes", "--appendfsync", "always", *self.options),
            ],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        with Redis.from_url(self.url, socket_timeout=1.0) as client:
            while True:
                with contextlib.suppress(RedisError):
                    with contextlib.suppress(AuthenticationError):  # it answers, if not to us
                        client.ping()
                    return
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError(f"redis-server did not start on port {self.port}.")
                time.sleep(0.01)

    def stop(self) -> None:
        """Stop it as an operator does."""
        if self.process:
            self.process.terminate()
            self.process.wait(START_SECONDS)
            self.process = None

    def kill(self) -> None:
        """End it without a chance to do anything first."""
        if self.process:
            self.process.kill()
            self.process.wait(START_SECONDS)
            self.process = None


def free_port() -> int:
    """A port that nobody listens on just now; Redis can't choose one, it takes 0 for "do not listen"."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
