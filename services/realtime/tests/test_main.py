"""The command line: starting, saying so, stopping, and each mistake in one sentence."""

import os
import signal
import socket
import subprocess
import sys

import pytest
from running import Service, crowd, hear, until
from websockets.exceptions import ConnectionClosed


def run(*arguments, **environment):
    """Run to its end; returns the exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "realtime", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("number", "workers"), [(signal.SIGTERM, "1"), (signal.SIGTERM, "2"), (signal.SIGINT, "1")]
)
def test_it_stops_when_told_to_and_tells_its_clients(redis, number, workers):
    service = Service(redis.url, "--workers", workers)
    with crowd(service, "/ws/rooms/lobby", 4) as clients:
        for client in clients:
            assert hear(client)["type"] == "welcome"
        service.process.send_signal(number)
        for client in clients:
            with pytest.raises(ConnectionClosed):
                client.recv(5)
            assert client.protocol.close_rcvd.code == 1012  # "service restart": come back
    assert service.process.wait(10) == 0
    service.stop()
    assert "Traceback" not in service.log


def test_workers_share_one_room(redis, room):
    service = Service(redis.url, "--workers", "2")
    try:
        processes = until(
            lambda: len(seen := {service.health()[1]["process"] for _ in range(20)}) == 2 and seen
        )
        with crowd(service, f"/ws/rooms/{room}?name=ada", 8) as clients:
            for client in clients:
                assert hear(client)["type"] == "welcome"
            clients[0].send('{"text": "hi all"}')
            for client in clients[1:]:
                assert hear(client)["text"] == "hi all"
        os.kill(processes.pop(), signal.SIGKILL)  # a worker that dies is replaced
        until(lambda: len({service.health()[1]["process"] for _ in range(20)}) == 2, 30)
    finally:
        assert service.stop() == 0


def test_a_taken_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, said = run("--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert status == 1
    assert said.startswith("realtime: cannot listen on 127.0.0.1:")
    assert "--listen" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["--listen", "8003"],
        ["--listen", "a:b"],
        ["--listen", "a:99999"],
        ["--workers", "0"],
        ["--workers", "x"],
    ],
)
def test_arguments_that_are_none(arguments):
    status, said = run(*arguments)
    assert status == 2
    assert repr(arguments[1]) in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "localhost:6379"),
        ("REALTIME_WORKERS", "many"),
        ("ROOM_HISTORY", "0"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
    ],
)
def test_variables_that_are_wrong(name, value):
    status, said = run(**{name: value})
    assert status == 1
    assert said.startswith(f"realtime: {name} is ")
    assert "Traceback" not in said
