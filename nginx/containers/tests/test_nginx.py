"""nginx in its container: the same files, and services that come and go behind it without a restart."""

import json
import os
import shutil
import subprocess
import uuid

import pytest
from door.client import ask
from door.nginx import PORTS
from door.rendering import SOURCE
from door.waiting import until

#: What stands in for `web`: it says which container it is.
WHO = """
import http.server, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(socket.gethostname().encode())
http.server.HTTPServer(("", 8002), Handler).serve_forever()
"""


def docker(*arguments, check=True):
    """Run a command, with a free port for each that is published."""
    environment = {**os.environ, **dict.fromkeys(PORTS, "0")}
    return subprocess.run(
        ["docker", *arguments],
        cwd=SOURCE.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=check,
    )


@pytest.fixture(scope="module")
def engine():
    """A Docker engine with the images; nothing is pulled for a test."""
    if not shutil.which("docker") or docker("info", check=False).returncode:
        pytest.skip("no Docker engine answers")
    for image in ("nginx:1.30", "python:3.14-slim"):
        if docker("image", "inspect", image, check=False).returncode:
            pytest.skip(f"the image {image} is not on this machine: `docker pull {image}`")


@pytest.fixture(scope="module")
def project(engine):
    """nginx alone, as Compose describes it, in a project of its own."""
    name = f"layercake-test-{uuid.uuid4().hex[:8]}"
    compose = ["compose", "--project-name", name]
    try:
        docker(*compose, "up", "--detach", "--no-deps", "--wait", "nginx")
        yield name
    finally:
        docker(*compose, "down", "--volumes", "--timeout", "1")


@pytest.fixture
def port(project):
    address = docker("compose", "-p", project, "port", "nginx", "8080").stdout.strip()
    assert address.startswith("127.0.0.1:")
    return int(address.rpartition(":")[2])


@pytest.fixture
def start_web(project):
    """Start one more container that answers to the name `web`."""
    started = []

    def start(name):
        network = ["--network", f"{project}_internal", "--network-alias", "web"]
        started.append(f"{project}-{name}")
        docker("run", "--detach", "--name", started[-1], "--hostname", name, *network,
               "python:3.14-slim", "python", "-c", WHO)  # fmt: skip
        return started[-1]

    yield start
    docker("rm", "--force", *started)


def test_nobody_is_there_yet(port):
    answer = ask(port, "GET", "/hello/")
    assert answer.status == 502
    assert answer.content.startswith(b"502 web does not answer.")


def test_it_complains_of_nothing_but_missing_services(project):
    log = docker("compose", "-p", project, "logs", "--no-log-prefix", "nginx")
    assert [line for line in log.stdout.splitlines() if "[warn]" in line or "[emerg]" in line] == []


def test_it_is_nobody_special_and_writes_nowhere(project):
    container = docker("compose", "-p", project, "ps", "--quiet", "nginx").stdout.strip()
    (told,) = json.loads(docker("inspect", container).stdout)
    assert told["HostConfig"]["ReadonlyRootfs"]
    assert told["HostConfig"]["CapDrop"] == ["ALL"]
    assert docker("exec", container, "id", "-u").stdout.strip() != "0"
    assert docker("exec", container, "touch", "/etc/nginx/written", check=False).returncode


def test_a_service_is_scaled_and_recreated_without_a_restart(port, start_web):
    def who():
        return ask(port, "GET", "/hello/")

    one = start_web("one")
    until(lambda: who().content == b"one", "the first container is found", 30)
    start_web("two")
    until(lambda: who().content == b"two", "the second is found too", 30)
    docker("rm", "--force", one)
    # From now on it is the second one that answers, and nobody sees an error in between.
    for _ in range(5):
        assert (who().status, who().content) == (200, b"two")
