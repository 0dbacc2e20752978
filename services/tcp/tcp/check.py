"""``python -m tcp.check ECHO [ROOM]``: does an echo answer at HOST:PORT, and a room? 0, or 1 and why not."""

import socket
import sys
from collections.abc import Sequence

from serving.listener import parse_address

__all__ = ["check", "check_room"]

MESSAGE = b"Are you there?"
PATIENCE = 3.0  # seconds


def check(address: tuple[str, int]) -> None:
    """Send a message and see that it comes back. OSError or ValueError says why it does not."""
    with socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(MESSAGE)
        answer = b""
        while len(answer) < len(MESSAGE) and (piece := connection.recv(len(MESSAGE) - len(answer))):
            answer += piece
    if answer != MESSAGE:
        raise ValueError(f"sent {MESSAGE!r}, got {answer!r} back")


def check_room(address: tuple[str, int]) -> None:
    """See that a room greets us; whether it has its Redis is another matter. Raises as `check` does."""
    with socket.create_connection(address, PATIENCE) as connection:
        greeting = connection.recv(4096)
    if not greeting.startswith(b"* "):
        raise ValueError(f"a room greets with a line that begins with '* ', and this one with {greeting!r}")


def main(arguments: Sequence[str]) -> int:
    """Check one address, or two."""
    if len(arguments) not in {1, 2}:
        sys.stderr.write("usage: python -m tcp.check ECHO_HOST:PORT [ROOM_HOST:PORT]\n")
        return 1
    try:
        for ask, address in zip((check, check_room), arguments, strict=False):
            ask(parse_address(address))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"tcp.check: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
