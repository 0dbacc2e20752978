"""A room as people with ``nc`` meet it, in a process of its own, with a Redis of its own."""

import socket

import pytest
from rooms import Log

HELLO = "* This is a room."


def test_somebody_hears_themselves_and_others_under_every_model(shared, room, person, log, model):
    ada = person(shared("room", model=model))
    ada.say("hi", "Grüß Gott ❄")
    assert ada.messages(2) == ["1 ada: hi", "2 ada: Grüß Gott ❄"]
    log.post(room, "bob", "from a browser\nof two lines")
    assert ada.messages(1) == ["3 bob: from a browser ⏎ of two lines"]
    ada.say("QUIT", "never said")
    assert ada.rest()[-1] == f"* You have left. Come back with: JOIN {room} ada after=3"
    assert log.end(room) == 3


@pytest.mark.parametrize("chosen", ["threads", "prefork", "selector", "asyncio", "uvloop"])
def test_all_hear_the_same_in_the_same_order(shared, room, person, log, chosen):
    """The processes of prefork have a hub each."""
    running = shared("room", model=chosen)
    ada, bob, carol = (person(running, name) for name in ("ada", "bob", "carol"))
    for number in range(30):
        ada.say(f"a{number}")
        bob.say(f"b{number}")
        log.post(room, "dora", f"d{number}")
    heard = ada.messages(90)
    assert [int(line.split()[0]) for line in heard] == list(range(1, 91))
    assert bob.messages(90) == carol.messages(90) == heard
    for name, letter in (("ada", "a"), ("bob", "b")):
        said = [line for line in heard if f" {name}: " in line]
        assert [line.split(": ")[1] for line in said] == [f"{letter}{number}" for number in range(30)]


def test_several_workers_serve_one_room(start, person):
    running = start("--workers", "2", listen=("room",))
    people = [person(running, f"p{number}") for number in range(8)]
    people[0].say("hello")
    assert {somebody.messages(1)[0] for somebody in people} == {"1 p0: hello"}


class TestComingBack:
    def test_goes_on_where_it_was(self, shared, room, person, log):
        running = shared("room")
        for number in range(1, 251):  # three pages of the log
            log.post(room, "bob", f"m{number}")
        ada = person(running, after=7)
        assert ada.messages(243) == [f"{number} bob: m{number}" for number in range(8, 251)]
        ada.say("there")
        assert ada.messages(1) == ["251 ada: there"]

    def test_while_others_talk_nothing_is_lost_or_said_twice(self, shared, room, person, log):
        running = shared("room")
        for number in range(1, 201):
            log.post(room, "bob", f"m{number}")
        people = [person(running, f"p{number}", after=0) for number in range(5)]
        for number in range(201, 301):
            log.post(room, "bob", f"m{number}")
        for somebody in people:
            assert somebody.messages(300) == [f"{number} bob: m{number}" for number in range(1, 301)]

    def test_without_a_number_begins_now(self, shared, room, person, log):
        log.post(room, "bob", "before")
        ada = person(shared("room"))
        log.post(room, "bob", "after")
        assert ada.messages(1) == ["2 bob: after"]

    def test_is_told_what_the_room_has_forgotten(self, shared, room, person, shared_redis):
        log = Log(shared_redis.url, remembered=10)
        for number in range(1, 21):
            log.post(room, "bob", f"m{number}")
        log.close()
        ada = person(shared("room"), after=3)
        assert ada.line() == "* 4 to 10 are gone: the room no longer remembers them."
        assert ada.messages(10) == [f"{number} bob: m{number}" for number in range(11, 21)]

    def test_from_the_future_is_told_and_goes_on(self, shared, room, person, log):
        log.post(room, "bob", "one")
        ada = person(shared("room"), after=99)
        assert ada.line().startswith("ERR after=99 is ahead of this room, whose last message is 1")
        log.post(room, "bob", "two")
        assert ada.messages(1) == ["2 bob: two"]


class TestBadInput:
    @pytest.mark.parametrize(
        ("said", "told"),
        [
            (b"\n", "ERR The text is empty"),
            (b"\xff\xfe\n", "ERR This line is not UTF-8"),
            (b"\x1b[2J\n", "ERR The text holds control characters"),
            (b"x" * 4097 + b"\n", "ERR line too long"),
        ],
    )
    def test_is_answered_by_a_line_and_the_connection_lives(self, shared, person, said, told):
        ada = person(shared("room"))
        ada.sock.sendall(said)
        assert ada.until("ERR").startswith(told)
        ada.say("alive")
        assert ada.messages(1) == ["1 ada: alive"]

    def test_before_joining_one_is_told_how_to(self, shared, room):
        from_nc = shared("room").connect()
        with from_nc.makefile("rw", encoding="utf-8", newline="\n") as file:
            file.write(f"hello\nJOIN\nJOIN no/room ada\nJOIN {room} ada\nhi\n")
            file.flush()
            assert file.readline().startswith(HELLO)
            told = [file.readline() for _ in range(3)]
            assert all(line.startswith("ERR ") for line in told)
            assert "JOIN lobby ada" in told[0]
            assert file.readline().startswith("* ada, you are in")
            assert sorted([file.readline(), file.readline()]) == ["* ada joined.\n", "1 ada: hi\n"]

    def test_an_endless_line_ends_the_connection(self, shared, person):
        ada = person(shared("room"))
        ada.sock.sendall(b"x" * 100_000)
        assert [line for line in ada.rest() if line.startswith("ERR")][-1].startswith(
            "ERR These are not lines"
        )

    def test_one_room_more_than_may_be(self, start, room, person, monkeypatch):
        monkeypatch.setenv("TCP_ROOMS", "1")
        running = start(listen=("room",))
        ada = person(running)
        with running.connect() as sock, sock.makefile("rw") as file:
            file.write(f"JOIN another ada\nJOIN {room} bob\n")
            file.flush()
            file.readline()
            assert file.readline().startswith("ERR This server follows 1 rooms already")
            assert file.readline().startswith("* bob, you are in")
        ada.say("alive")
        assert ada.messages(1) == ["1 ada: alive"]


class TestFlood:
    def test_who_talks_too_fast_is_told_and_then_closed(self, start, room, person, log, monkeypatch):
        monkeypatch.setenv("TCP_POSTS_A_SECOND", "1")
        running = start(listen=("room",))
        ada, bob = person(running, "ada"), person(running, "bob")
        ada.say(*(f"m{number}" for number in range(1000)))
        lines = ada.rest()
        assert lines[-1] == "ERR You were told to slow down, and did not; this connection is closed."
        assert "ERR No more than 1 lines a second; this one was not posted." in lines
        posted = log.end(room)
        assert 99 <= posted < 300  # a hundred lines at once with JOIN, and one a second after that
        assert len(bob.messages(posted)) == posted

    def test_a_paste_of_a_hundred_lines_is_none(self, shared, person):
        ada = person(shared("room"))
        ada.say(*(f"m{number}" for number in range(1, 100)))
        assert ada.messages(99) == [f"{number} ada: m{number}" for number in range(1, 100)]


class TestLeaving:
    def test_at_the_end_of_file_what_was_said_is_heard_first(self, shared, room, person):
        """``printf … | nc -N``"""
        ada = person(shared("room"))
        ada.say(*(f"m{number}" for number in range(1, 21)))
        ada.leaves()
        lines = ada.rest()
        assert [line for line in lines if line[0].isdigit()] == [f"{n} ada: m{n}" for n in range(1, 21)]
        assert lines[-1] == f"* You have left. Come back with: JOIN {room} ada after=20"

    def test_all_of_it_in_one_piece(self, shared, room):
        sock = shared("room").connect()
        sock.sendall(f"JOIN {room} ada\nhi\n".encode())
        sock.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: sock.recv(4096), b"")).decode().splitlines()
        assert "1 ada: hi" in said

    def test_half_a_line_is_not_posted(self, shared, room, person, log):
        ada = person(shared("room"))
        ada.sock.sendall(b"whole\nhal")
        ada.leaves()
        assert ada.rest()[-1].startswith("ERR The last line has no end")
        assert log.end(room) == 1

    def test_without_having_joined(self, shared):
        sock = shared("room").connect()
        sock.sendall(b"QUIT\n")
        assert b"".join(iter(lambda: sock.recv(4096), b"")).decode().startswith(HELLO)

    def test_who_says_nothing_is_closed(self, start):
        sock = start("--limits", "idle=0.3", listen=("room",)).connect()
        lines = b"".join(iter(lambda: sock.recv(4096), b"")).decode().splitlines()
        assert lines[1].startswith("ERR Nobody said JOIN")

    def test_who_is_in_may_be_silent(self, start, person, log, room):
        """The limit is for those who have not joined."""
        running = start("--limits", "idle=0.3", listen=("room",))
        ada = person(running)
        unjoined = running.connect()
        b"".join(iter(lambda: unjoined.recv(4096), b""))  # closed, so as much time has passed
        unjoined = running.connect()
        b"".join(iter(lambda: unjoined.recv(4096), b""))
        log.post(room, "bob", "still there?")
        assert ada.messages(1) == ["1 bob: still there?"]

    @pytest.mark.parametrize("chosen", ["iterative", "threads", "selector", "asyncio"])
    def test_a_server_that_stops_says_so(self, start, shared, room, person, chosen):
        running = start(listen=("room",), model=chosen)
        ada = person(running)
        ada.say("one")
        assert ada.messages(1) == ["1 ada: one"]
        assert running.stop() == 0
        assert ada.rest()[-1] == f"* The server stops. Come back with: JOIN {room} ada after=1"
        again = person(shared("room", model=chosen), after=0)
        assert again.messages(1) == ["1 ada: one"]
