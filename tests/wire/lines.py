"""One who is in a room with ``nc``: a line a message."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from wire.tcp import connected

__all__ = ["Talker"]


class Talker:
    """A raw connection to a room, past its welcome."""

    def __init__(
        self, sock: socket.socket, file: BinaryIO, room: str, name: str, after: int | None = None
    ) -> None:
        self.sock, self.file = sock, file
        self.say(f"JOIN {room} {name}" + ("" if after is None else f" after={after}"))
        while f"you are in {room}" not in (line := self.line()):
            assert line, "closed before we were in"

    @classmethod
    @contextmanager
    def joined(
        cls, address: tuple[str, int], room: str, name: str, after: int | None = None
    ) -> Iterator["Talker"]:
        with connected(address) as sock, sock.makefile("rb") as file:
            yield cls(sock, file, room, name, after)

    def say(self, line: str) -> None:
        self.sock.sendall(f"{line}\n".encode())

    def line(self) -> str:
        """Return the next line, whatever it is; "" is the end."""
        return self.file.readline().decode().removesuffix("\n")

    def until(self, beginning: str) -> str:
        """Return the next line that begins so."""
        while not (line := self.line()).startswith(beginning):
            assert line, f"closed before {beginning!r}"
        return line

    def message(self) -> tuple[int, str, str]:
        """Return the next message of the room: its number, its author, its text."""
        while not (line := self.line())[:1].isdigit():
            assert line.startswith("* "), line
        number, _, rest = line.partition(" ")
        author, _, text = rest.partition(": ")
        return int(number), author, text
