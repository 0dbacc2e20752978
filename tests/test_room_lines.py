"""The room with ``nc``: through nginx and around it, in one room with browsers and with those who poll."""

import json
import secrets
import socket

import pytest
from wire.http import fetch
from wire.lines import Talker
from wire.room import Member
from wire.tcp import connected, receive_until_closed


@pytest.fixture
def room():
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
def join(stack, way, room):
    return lambda name, after=None: Talker.joined(stack.tcp("room", way), room, name, after)


def heard_by(member):
    """The next message; frames about who comes and goes are between them."""
    while (frame := member.hear())["type"] != "message":
        pass
    return frame


def told(member):
    """Who has come, or gone; the next frame says so."""
    frame = member.hear()
    return frame["type"], frame["names"]


def triple(frame):
    return frame["number"], frame["author"], frame["text"]


class TestOneRoom:
    def test_lines_and_frames_are_the_same_messages_in_the_same_order(self, stack, room):
        """Two with `nc`, one through nginx and one around it, one with a browser, one who polls."""
        through, around = stack.tcp("room", "nginx"), stack.tcp("room", "direct")
        with (
            Talker.joined(through, room, "ada") as ada,
            Talker.joined(around, room, "bob") as bob,
            Member.joined(stack.http("realtime", "nginx"), room, "?name=carol") as carol,
        ):
            for number in range(20):
                ada.say(f"ada {number}")
                bob.say(f"bob ❄ {number}")
                carol.socket.send(json.dumps({"text": f"carol {number}"}))
            heard = [ada.message() for _ in range(60)]
            assert [number for number, _, _ in heard] == list(range(1, 61))
            assert [bob.message() for _ in range(60)] == heard
            assert [triple(heard_by(carol)) for _ in range(60)] == heard
        polled = json.loads(fetch(stack.site, f"/rooms/{room}/messages?after=0&limit=100").content)
        assert [triple(message) for message in polled["messages"]] == heard

    def test_those_with_browsers_are_told_who_comes_and_goes(self, stack, room, join):
        with Member.joined(stack.http("realtime", "nginx"), room, "?name=carol") as carol:
            assert told(carol) == ("joined", ["carol"])
            with join("ada") as ada:
                assert told(carol) == ("joined", ["ada"])
                assert ada.until("* ada") == "* ada joined."
                ada.say("QUIT")
            assert told(carol) == ("left", ["ada"])

    def test_who_comes_back_goes_on_where_it_was(self, stack, room, join):
        with join("ada") as ada:
            ada.say("one")
            assert ada.message() == (1, "ada", "one")
        with Member.joined(stack.http("realtime", "nginx"), room) as carol:
            carol.say("two", author="carol")
            carol.say("three", author="carol")
            carol.message()
            carol.message()
        with join("ada", after=1) as ada:
            assert [ada.message()[2] for _ in range(2)] == ["two", "three"]


def test_what_a_new_user_types(stack, way, room):
    """``printf … | nc -N``: everything that was said is heard before the connection ends."""
    with connected(stack.tcp("room", way)) as sock:
        sock.sendall(f"hello?\nJOIN {room} ada\nGrüß Gott\n".encode())
        sock.shutdown(socket.SHUT_WR)
        said = receive_until_closed(sock).decode().splitlines()
    assert said[0].startswith("* This is a room. Say JOIN <room> <name>")
    assert said[1].startswith("ERR Say first who you are")
    assert said[2].startswith("* ada, you are in")
    assert "1 ada: Grüß Gott" in said
    assert said[-1] == f"* You have left. Come back with: JOIN {room} ada after=1"


def test_errors_are_lines_and_the_connection_lives(join):
    with join("ada") as ada:
        for said in ("", "x" * 5000):
            ada.say(said)
            ada.until("ERR ")
        ada.say("alive")
        assert ada.message() == (1, "ada", "alive")
