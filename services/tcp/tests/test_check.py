"""The health check: 0 when the echo answers, 1 and the reason when it does not."""

import socket

import pytest
from tcp.check import main


def test_an_echo_that_answers_is_healthy(shared, capsys):
    host, port = shared("echo").addresses()[0]
    assert main([f"{host}:{port}"]) == 0
    assert capsys.readouterr().err == ""


def test_what_does_not_answer_is_not(start, capsys):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert main(["{}:{}".format(*free.getsockname())]) == 1
    assert "refused" in capsys.readouterr().err


@pytest.mark.parametrize("index", [1, 2, 3])
def test_what_answers_something_else_is_not(shared, capsys, index):
    host, port = shared("echo", "ack", "greet", "bye").addresses()[index]
    assert main([f"{host}:{port}"]) == 1
    assert "tcp.check: " in capsys.readouterr().err


def test_a_room_is_asked_too(start, capsys):
    running = start(listen=("echo", "room", "greet"))
    echo, room, greet = ("{}:{}".format(*address) for address in running.addresses())
    assert main([echo, room]) == 0
    assert main([echo, greet]) == 1
    assert "a room greets with a line that begins with '* '" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["a", "b", "c"]])
def test_it_says_how_it_is_used(capsys, arguments):
    assert main(arguments) == 1
    assert "usage: python -m tcp.check ECHO_HOST:PORT [ROOM_HOST:PORT]" in capsys.readouterr().err
