"""Everything here runs with the standard library patched, as it is in Locust."""

import gevent
import locust  # noqa: F401 - patches the standard library when it is imported
import pytest
from gevent.server import StreamServer

from loadtests.addresses import Address


@pytest.fixture
def serve():
    """Start a server that runs `handler(socket)` for each connection, and give its address."""
    servers = []

    def start(handler):
        def handle(connection, _):
            with connection:
                handler(connection)

        server = StreamServer(("127.0.0.1", 0), handle)
        server.start()
        servers.append(server)
        return Address("127.0.0.1", server.server_port)

    yield start
    for server in servers:
        server.stop(timeout=0)


@pytest.fixture(autouse=True)
def in_time():
    """No test here waits for anything longer than this."""
    with gevent.Timeout(20):
        yield
