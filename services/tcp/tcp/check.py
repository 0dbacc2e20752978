"""``python -m tcp.check HOST:PORT``: does the echo there answer? Exit status 0, or 1 and why not."""

import socket
import sys
from collections.abc import Sequence

from serving.listener import parse_address

__all__ = ["check"]

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


def main(arguments: Sequence[str]) -> int:
    """Check one address."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tcp.check HOST:PORT\n")
        return 1
    try:
        check(parse_address(arguments[0]))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"tcp.check: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
