"""A person's end of a connection, as a person starts it."""

import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tcp.client import NoAnswerError, converse, main


def client(*arguments: str | bytes, text: bytes = b"") -> tuple[int, bytes, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tcp.client", *arguments],
        input=text,
        capture_output=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr.decode()


def address(running, index: int = 0) -> str:
    return "{}:{}".format(*running.addresses()[index])


def test_it_says_a_text_and_prints_what_comes_back(shared):
    running = shared("echo", "ack", "greet", "bye")
    assert client(address(running), "Grüß Gott") == (0, "Grüß Gott".encode(), "")
    assert client("--protocol", "ack", address(running, 1), "x") == (0, b"Message received!", "")
    assert client("--protocol", "greet", address(running, 2)) == (0, "欢迎使用Layercake系统".encode(), "")
    assert client("--protocol", "bye", address(running, 3), "x") == (0, b"Connected. Bye.", "")


def test_standard_input_may_be_longer_than_all_buffers(shared):
    text = os.urandom(20 << 20)
    assert client(address(shared("echo")), text=text) == (0, text, "")


def test_answers_are_printed_while_a_person_types(shared):
    typed, keyboard = os.pipe()
    screen, printed = os.pipe()
    thread = threading.Thread(
        target=converse, args=(shared("echo").addresses()[0], printed), kwargs={"source": typed}
    )
    thread.start()
    for line in ("one\n", "two\n"):
        os.write(keyboard, line.encode())
        assert os.read(screen, 100).decode() == line
    os.close(keyboard)
    thread.join(10)
    assert not thread.is_alive()
    for descriptor in (typed, screen, printed):
        os.close(descriptor)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_it_says_that_nobody_listens(capfd):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert main([f"127.0.0.1:{port}", "x"]) == 1
    assert f"nothing listens on 127.0.0.1:{port}; is the server up" in capfd.readouterr().err


def test_it_says_that_the_connection_broke(listener, capfd):
    def break_off():
        peer, _ = listener.accept()
        peer.recv(1)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    thread = threading.Thread(target=break_off)
    thread.start()
    port = listener.getsockname()[1]
    assert main([f"127.0.0.1:{port}", "x"]) == 1
    thread.join()
    assert f"127.0.0.1:{port} has broken the connection off" in capfd.readouterr().err


def test_it_says_that_nobody_reads_what_comes_back(shared):
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(NoAnswerError, match="standard output is closed"):
        converse(shared("echo").addresses()[0], writer, text=b"x")
    os.close(writer)


def test_it_says_that_what_comes_back_can_not_be_written(shared):
    with (
        Path("/dev/full").open("wb") as full,
        pytest.raises(NoAnswerError, match="written to standard output: No space"),
    ):
        converse(shared("echo").addresses()[0], full.fileno(), text=b"x")


@pytest.mark.parametrize(("closed", "status", "says"), [("<&-", 0, ""), (">&-", 1, "is closed\n")])
def test_it_does_without_what_the_shell_has_closed(shared, closed, status, says):
    command = [
        "/bin/sh",
        "-c",
        f'"$@" {closed}',
        "sh",
        sys.executable,
        "-m",
        "tcp.client",
        address(shared("echo")),
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert done.returncode == status
    assert done.stderr.decode().endswith(says)
    assert "Traceback" not in done.stderr.decode()


def test_it_says_bytes_that_are_no_text(shared):
    assert client(address(shared("echo")), b"caf\xe9") == (0, b"caf\xe9", "")


def test_it_says_that_there_is_no_answer(listener):
    with pytest.raises(NoAnswerError, match="does not answer; waited for"):
        converse(listener.getsockname(), 1, text=b"x", patience=0.1)


def test_it_says_that_there_is_no_such_host():
    with pytest.raises(NoAnswerError, match=r"no-such-host\.invalid:9000: "):
        converse(("no-such-host.invalid", 9000), 1)


def test_it_says_what_is_no_address(capsys):
    with pytest.raises(SystemExit):
        main(["9000"])
    assert "'9000' is not HOST:PORT" in capsys.readouterr().err
