"""The management command, as one starts it and as one stops it."""

import re
import signal
import socket
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "web", "start_tcp_server"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(stop):
    command = [*COMMAND, "--listen", "127.0.0.1:0", "--protocol", "ack", "--model", "selector"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "Starting TCP server at 127.0.0.1:0: ack, selector.\n"
        assert process.stdout.readline() == "Quit the server with CONTROL-C.\n"
        port = next(int(m[1]) for line in process.stderr if (m := re.search(r"listening on .*:(\d+)$", line)))
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"hello")
            assert connection.recv(100) == b"Message received!"
        process.send_signal(stop)
        out, err = process.communicate(timeout=20)
    assert out == "Server shut down.\n"
    assert process.returncode == 0
    assert "Traceback" not in err


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [*COMMAND, "--listen", address], capture_output=True, text=True, timeout=20, check=False
        )
    assert done.returncode != 0
    assert address in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("wrong", [["--protocol", "smtp"], ["--model", "magic"], ["--listen", "nowhere"]])
def test_wrong_options(wrong):
    done = subprocess.run([*COMMAND, *wrong], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0
    assert wrong[1] in done.stderr
    assert "Traceback" not in done.stderr
