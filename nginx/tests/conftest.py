"""nginx with our files and real upstreams, once for all tests."""

import sys
from pathlib import Path

import pytest

# pytest imports the test modules by path; this brings `door`, what they share, within their reach.
sys.path.insert(0, str(Path(__file__).parent))

from door.client import ask
from door.nginx import BINARY, Door
from door.upstreams import Echo, Greeter, Service


@pytest.fixture(scope="session")
def installed():
    """Who asks for nginx gets it, or is told where it comes from."""
    if BINARY is None:
        pytest.skip("nginx is not installed: `make setup` installs it")


@pytest.fixture(scope="session")
def services():
    """An upstream for each service that speaks HTTP."""
    found = {name: Service(name) for name in ("web", "httpd", "httpd-wsgi", "realtime", "locust")}
    yield found
    for service in found.values():
        service.shutdown()
        service.server_close()


@pytest.fixture(scope="session")
def protocols():
    """Upstreams for TCP: echo and greet are there, ack and bye are down."""
    found = {"tcp_echo": Echo(), "tcp_greet": Greeter()}
    yield found
    for server in found.values():
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def door(installed, services, protocols, tmp_path_factory):
    """The running nginx."""
    addresses = {name.replace("-", "_"): service.address for name, service in services.items()}
    addresses |= {name: server.address for name, server in protocols.items()}
    # A space in the path: a checkout may lie anywhere.
    found = Door(tmp_path_factory.mktemp("a door"), **addresses)
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="session")
def deserted(installed, tmp_path_factory):
    """A running nginx with nobody behind it."""
    found = Door(tmp_path_factory.mktemp("deserted"))
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="session")
def get(door):
    """GET a path from the running nginx."""

    def request(target, **headers):
        return ask(door.port(), "GET", target, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return request
