"""Two kinds of tests: those of what has no sockets run here; those under gevent in a process of their own.

Locust and gevent replace parts of the standard library. That must not reach the tests of the other packages,
which pytest may well run in this process too.
"""

import os
import sys
from pathlib import Path

import pytest

# The package isn't installed: Locust finds it through PYTHONPATH, and so do the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from planted import Peer

collect_ignore = [] if os.environ.get("LAYERCAKE_UNDER_GEVENT") else ["under_gevent"]


@pytest.fixture
def peers():
    """Start servers; whichever has not been asked for its counts is stopped at the end."""
    started = []

    def start(*arguments):
        started.append(Peer(*arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.counts()
