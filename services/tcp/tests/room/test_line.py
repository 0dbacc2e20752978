"""Bytes to lines, lines to what they mean, and back; no connection."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from rooms import Message, RoomError
from tcp.room import line
from tcp.room.line import EndlessLineError, Join, LineError, Lines

STREAM = "JOIN lobby ada\r\n\nGrüß Gott\n欢\r\nno end".encode()
LINES = ["JOIN lobby ada", "", "Grüß Gott", "欢"]


def read(*pieces: bytes) -> list[str]:
    lines, found = Lines(), []
    for piece in pieces:
        lines.feed(piece)
        while (text := lines.next()) is not None:
            found.append(text.decode())
    return found


class TestLines:
    def test_whole(self):
        assert read(STREAM) == LINES

    def test_byte_by_byte(self):
        assert read(*(STREAM[at : at + 1] for at in range(len(STREAM)))) == LINES

    @pytest.mark.parametrize("at", range(len(STREAM)))
    def test_cut_in_two(self, at):
        assert read(STREAM[:at], STREAM[at:]) == LINES

    @pytest.mark.parametrize("end", [b"\n", b"\r\n"])
    def test_as_long_as_may_be(self, end):
        assert read(b"x" * 4096 + end) == ["x" * 4096]
        assert read(b"x" * 4096, end) == ["x" * 4096]

    @pytest.mark.parametrize(
        "pieces", [[b"x" * 4097 + b"\n"], [b"x" * 5000, b"x" * 50, b"\n"], [b"x"] * 4098 + [b"\n"]]
    )
    def test_too_long_is_said_once_and_the_next_is_heard(self, pieces):
        lines, problems = Lines(), 0
        for piece in pieces:
            lines.feed(piece)
            with suppress(LineError):
                assert lines.next() is None
                continue
            problems += 1
        assert problems == 1
        lines.feed(b"next\n")
        assert lines.next() == b"next"

    def test_endless_is_no_line_and_not_kept(self):
        lines = Lines()
        lines.feed(b"x" * 60_000)
        with pytest.raises(LineError, match="line too long"):
            lines.next()
        lines.feed(b"x" * 6_000)
        with pytest.raises(EndlessLineError):
            lines.next()
        assert lines.rest == b""


class TestJoin:
    @pytest.mark.parametrize(
        ("said", "meant"),
        [
            ("JOIN lobby ada", Join("lobby", "ada", None)),
            ("join lobby ada", Join("lobby", "ada", None)),
            ("  JOIN   lobby   ada  ", Join("lobby", "ada", None)),
            ("JOIN lobby Ada Lovelace after=17", Join("lobby", "Ada Lovelace", 17)),
            ("JOIN lobby 雪 after=0", Join("lobby", "雪", 0)),
        ],
    )
    def test_said_right(self, said, meant):
        assert line.read_join(said) == meant

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ("", "JOIN <room> <name>"),
            ("hello", "JOIN <room> <name>"),
            ("GET / HTTP/1.1", "JOIN <room> <name>"),
            ("JOIN", "takes a room and a name"),
            ("JOIN lobby", "takes a room and a name"),
            ("JOIN lobby after=1", "takes a room and a name"),
            ("JOIN ../etc ada", "A room's name"),
            (f"JOIN {'x' * 65} ada", "A room's name"),
            (f"JOIN lobby {'x' * 65}", "An author's name"),
            ("JOIN lobby \x1b[2J", "An author's name"),
            ("JOIN lobby ada after=", "after is a whole number"),
            ("JOIN lobby ada after=-1", "after is a whole number"),
            ("JOIN lobby ada after=" + "9" * 5000, "after is a whole number"),
        ],
    )
    def test_said_wrong(self, said, told):
        with pytest.raises(RoomError, match=r"^[^\n]+$") as problem:
            line.read_join(said)
        assert told in str(problem.value)


class TestSaid:
    def test_a_message_is_one_line(self):
        """Browsers can say more than one line at once."""
        posted = Message(17, "ada", "one\ntwo\tthree", datetime.now(UTC))
        assert line.message(posted).decode() == "17 ada: one ⏎ two\tthree\n"

    def test_an_error_is_one_line(self):
        assert line.error("first\nsecond") == b"ERR first second\n"

    def test_names_are_not_too_many(self):
        assert line.names(map(str, range(50))).endswith("48, 49")
        assert line.names(map(str, range(1050))).endswith("48, 49 and 1,000 more")

    def test_bytes_that_are_no_text(self):
        assert line.decode("雪".encode()) == "雪"
        with pytest.raises(LineError, match="UTF-8"):
            line.decode(b"\xff\xfe")
