"""A whole stack of our own to break, in either mode."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from wire.stack import Stack

from native import settings as dotenv
from native.containers import project
from native.run_dir import RunDir
from native.stack import make
from native.suite import on_free_ports

__all__ = ["doubled", "stand"]

#: Two each of some services, and a small disk for Redis.
DOUBLED = os.pathsep.join(("docker-compose.yml", "reliability/chaos/doubled.yml"))


@contextmanager
def stand(mode: str, environ: Mapping[str, str] = os.environ) -> Iterator[Stack]:
    """Bring one up on free ports, in a folder of its own, and take it down. Its logs stay there."""
    run_dir = RunDir(RunDir.from_environment(environ).path / "chaos")
    settings = on_free_ports(dotenv.read(environ))
    stack = make(mode, settings, run_dir, environ)
    if stack.exists:
        stack.down(data=True)  # one that was killed
    shutil.rmtree(run_dir.path, ignore_errors=True)
    stack.up()
    # wire's own functions for containers go by this variable.
    before = os.environ.get("COMPOSE_PROJECT_NAME")
    os.environ["COMPOSE_PROJECT_NAME"] = project(run_dir)
    try:
        yield Stack(mode, run_dir.path, {**environ, **settings})
    finally:
        os.environ.pop("COMPOSE_PROJECT_NAME")
        if before is not None:
            os.environ["COMPOSE_PROJECT_NAME"] = before
        stack.keep_logs()
        stack.down(data=True)


def doubled(mode: str) -> AbstractContextManager[Stack]:
    """One of containers, with more than one of what can be had more than once."""
    return stand(mode, {**os.environ, "COMPOSE_FILE": DOUBLED})
