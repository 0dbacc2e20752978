"""Servers with a known fault, a generator, and results that were never measured."""

from contextlib import ExitStack

import pytest

from bench.load import Load
from bench.orders import Goal
from bench.started import start


@pytest.fixture
def servers():
    """Starts modules of ours; they end with the test."""
    with ExitStack() as stack:
        yield lambda *words: stack.enter_context(start(*words))


@pytest.fixture
def planted(servers):
    """A server with a fault."""
    return lambda *words: servers("bench.planted", *words)


@pytest.fixture
def load():
    """A generator, wherever the machine puts it."""
    with Load() as load:
        yield load


def goal_of(server, **more):
    """An echo over HTTP."""
    return Goal("http", *server.address, "echo", "/echo", **more)
