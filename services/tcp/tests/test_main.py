"""The command: its ports, its exit status, and what it says when it can't."""

import signal
import socket
import subprocess
import sys

import pytest
from tcp.__main__ import main

ADDRESS = ["--listen", "127.0.0.1:0", "--protocol", "echo"]


def test_one_command_opens_four_ports(start):
    running = start(listen=("echo", "ack", "greet", "bye"))
    echo, ack, greet, bye = (running.connect(index) for index in range(4))
    for peer in (echo, ack, bye):
        peer.sendall("欢".encode())
    assert echo.recv(100) == "欢".encode()
    assert ack.recv(100) == b"Message received!"
    assert greet.recv(100).decode() == "欢迎使用Layercake系统"
    assert greet.recv(100) == b""
    assert bye.recv(100) == b"Connected. Bye."
    assert bye.recv(100) == b""
    running.until(lambda: len(running.children()) == 4)
    assert running.stop() == 0


def test_a_character_cut_in_two_is_no_error(start):
    running = start(listen=("echo", "ack", "bye"))
    text = "欢".encode()
    echo, ack, bye = (running.connect(index) for index in range(3))
    for peer, answers in ((echo, (text[:1], text[1:])), (ack, (b"Message received!",) * 2)):
        for piece, answer in zip((text[:1], text[1:]), answers, strict=True):
            peer.sendall(piece)
            assert peer.recv(100) == answer
    bye.sendall(text[:1])
    assert bye.recv(100) == b"Connected. Bye."
    assert running.counters("echo")["failed"] == 0


def test_one_port_with_one_worker_is_one_process(start):
    running = start()
    assert running.children() == []
    assert running.stop() == 0


def test_workers_share_a_port(start, model):
    running = start("--workers", "2", model=model)
    running.until(lambda: len(running.children()) == 2 * (8 if model == "prefork" else 1))
    for _ in range(20):
        with running.connect() as peer:
            peer.sendall(b"?")
            assert peer.recv(1) == b"?"
    running.until(lambda: running.counters()["open"] == 0)
    counters = running.counters()
    assert (counters["accepted"], counters["received"], counters["sent"]) == (20, 20, 20)
    assert running.stop() == 0
    assert running.logged('"stop", "open": 0, "accepted": 20,')


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_a_clear_error(shared, model, workers, capsys):
    address = "{}:{}".format(*shared("echo").addresses()[0])
    second = ["--listen", address, "--protocol", "echo", "--model", model.replace("uvloop", "asyncio")]
    assert main([*second, "--workers", workers], {}) == 1
    assert capsys.readouterr().err == (
        f"tcp: cannot listen on {address}: another process listens there; stop it or take another port\n"
    )


def test_what_can_not_be_served_ends_the_command(shared):
    address = "{}:{}".format(*shared("echo").addresses()[0])
    command = [sys.executable, "-m", "tcp", "--listen", address, "--protocol", "echo"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (second.returncode, second.stderr.count("\n")) == (1, 1)


def test_one_that_has_workers_keeps_others_out(start, capsys):
    address = "{}:{}".format(*start("--workers", "2").addresses()[0])
    assert main(["--listen", address, "--protocol", "echo", "--workers", "2"], {}) == 1
    assert "another process listens there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "the following arguments are required: --listen, --protocol"),
        (["--listen", "9000", "--protocol", "echo"], "'9000' is not HOST:PORT, as in 127.0.0.1:9000"),
        ([*ADDRESS, "--listen", "127.0.0.1:0"], "each --listen has its --protocol; these are 2 and 1"),
        ([*ADDRESS, "--workers", "0"], "'0' is not a number of processes, 1 or more"),
        ([*ADDRESS, "--limits", "idel=1"], "no limit is called 'idel'"),
        ([*ADDRESS, "--model", "magic"], "invalid choice: 'magic'"),
    ],
)
def test_what_is_wrong_is_said(arguments, says, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments, {})
    assert exit_.value.code == 2
    assert says in capsys.readouterr().err


def test_limits_come_from_the_command_line_and_the_environment(start, monkeypatch):
    monkeypatch.setenv("SERVING_LIMITS", "idle=0.2")
    assert start().connect().recv(1) == b""
    peer = start("--limits", "idle=20,connections=1").connect()
    peer.settimeout(0.5)
    with pytest.raises(TimeoutError):
        peer.recv(1)


def test_wrong_limits_in_the_environment_are_said(capsys):
    with pytest.raises(SystemExit):
        main(ADDRESS, {"SERVING_LIMITS": "idle=long"})
    assert "SERVING_LIMITS: the limit 'idle' is a number" in capsys.readouterr().err


def test_interrupted_by_a_person_it_stops_as_well(start):
    running = start()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(10) == 0


def test_a_half_closed_connection_gets_its_answer(shared, model):
    peer = shared("echo", model=model).connect()
    message = bytes(range(256)) * 4096
    peer.sendall(message[:1000])
    assert peer.recv(1) == message[:1]
    peer.sendall(message[1000:100_000])
    peer.shutdown(socket.SHUT_WR)
    answer = message[:1]
    while piece := peer.recv(1 << 16):
        answer += piece
    assert answer == message[:100_000]
