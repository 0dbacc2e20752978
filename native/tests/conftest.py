"""Settings, ports and run folders of a test's own."""

import sys

import pytest

from native import settings
from native.ports import free_ports
from native.run_dir import RunDir
from native.session import Session
from native.settings import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    """The environment that a person has who has set nothing."""
    for name in (*settings.RULES, "MODE", "RUN_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def free_settings():
    """The settings of .env, with ports that are free."""
    given = settings.read({})
    ports = dict(zip(given.ports, map(str, free_ports(len(given.ports))), strict=True))
    return Settings({**given, **ports})


@pytest.fixture
def run_dir(tmp_path):
    """A run folder, and whatever is left of its session is stopped at the end and is a failure."""
    folder = RunDir(tmp_path / "run")
    folder.create()
    yield folder
    session = Session.recorded(folder)
    if session and session.members:
        session.stop(folder)
        pytest.fail("the test has left processes")


#: Serves TCP echo on the port that is its argument.
ECHO = """
import socketserver, sys
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
print("echo begins", flush=True)
Server(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
"""


@pytest.fixture
def echo(tmp_path):
    """The command line of a small echo server, but for its port."""
    script = tmp_path / "echo.py"
    script.write_text(ECHO)
    return (sys.executable, str(script))
