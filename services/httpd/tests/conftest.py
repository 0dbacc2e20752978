"""What the tests share: a peer without a socket, and answers read back; a WSGI application behind it."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the modules beside the tests

from httpd.wsgi.environ import EnvironWriter
from httpd.wsgi.gateway import Gateway, WSGIApplication
from memory import Memory, connect


@pytest.fixture(params=["in the loop", "in a thread of its own", "as work"])
def place(request: pytest.FixtureRequest) -> str:
    """Where the application is called."""
    return request.param


@pytest.fixture
def errors() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def serve(place: str, errors: io.StringIO) -> Callable[..., Memory]:
    def serve(application: WSGIApplication, *pieces: bytes) -> Memory:
        write_environ = EnvironWriter(multithread=False, multiprocess=False, errors=errors)
        gateway = Gateway(
            application,
            write_environ,
            inline=place != "as work",
            gather=place == "in the loop",
            errors=errors,
        )
        return connect(gateway).receive(*pieces)

    return serve
