"""``python -m tcp.client [--protocol echo] HOST:PORT [TEXT]``: a person's end of a connection.

Sends the text, or standard input as it comes, and prints what comes back as it comes. Bytes are printed as
bytes: a character that TCP has cut in two is whole again on the terminal.
"""

import argparse
import os
import select
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

from serving.listener import Address, format_address, parse_address

__all__ = ["NoAnswerError", "converse"]

SIZE = 65536  # of one read
PATIENCE = 10.0  # seconds to wait for a connection, and for an answer when everything has been said

#: Whether we have anything to say: with greet only the server speaks.
PROTOCOLS = {"echo": True, "ack": True, "greet": False, "bye": True, "room": True}


class NoAnswerError(Exception):
    """Why there is no answer, in a sentence."""


def converse(
    address: Address, sink: int, *, text: bytes = b"", source: int | None = None, patience: float = PATIENCE
) -> None:
    """Send a text, then what can be read from the descriptor ``source``; write what comes back to ``sink``.

    Returns when the server closes, as it does after our end of file; `NoAnswerError` says why there is none.
    """
    where = format_address(address)
    try:
        with socket.create_connection(address, patience) as connection:
            connection.setblocking(False)
            exchange(connection, sink, text, source, patience)
    except ConnectionRefusedError:
        raise NoAnswerError(f"nothing listens on {where}; is the server up, and is this its port?") from None
    except TimeoutError:
        raise NoAnswerError(f"{where} does not answer; waited for {patience:g} seconds") from None
    except (ConnectionResetError, BrokenPipeError):
        raise NoAnswerError(f"{where} has broken the connection off") from None
    except OSError as error:
        raise NoAnswerError(f"{where}: {error.strerror or error}") from error


def exchange(
    connection: socket.socket, sink: int, unsent: bytes, source: int | None, patience: float
) -> None:
    """Both directions at once, so that neither side has to wait until the other has finished."""
    saying = True
    while True:
        if saying and not unsent and source is None:
            saying = False
            with suppress(OSError):  # it broke; to read it says how
                connection.shutdown(socket.SHUT_WR)
        reading = [connection.fileno(), *([source] if source is not None and not unsent else [])]
        writing = [connection] if unsent else []
        readable, writable, _ = select.select(reading, writing, [], None if saying else patience)
        if not (readable or writable):
            raise TimeoutError
        if connection.fileno() in readable:
            answer = connection.recv(SIZE)
            if not answer:
                return
            write(sink, answer)
        if writable:
            unsent = unsent[connection.send(unsent) :]
        if source in readable:
            unsent = os.read(source, SIZE)
            source = source if unsent else None


def write(sink: int, data: bytes) -> None:
    """Write all of it."""
    try:
        while data:
            data = data[os.write(sink, data) :]
    except BrokenPipeError:
        raise NoAnswerError("nobody reads what comes back any more: standard output is closed") from None
    except OSError as error:
        raise NoAnswerError(
            f"what comes back can't be written to standard output: {error.strerror}"
        ) from None


def main(arguments: Sequence[str]) -> int:
    """Have one conversation."""
    parser = argparse.ArgumentParser("python -m tcp.client", description="Talk with a TCP service.")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="echo", help="what is spoken there (echo)")
    parser.add_argument("address", metavar="HOST:PORT")
    parser.add_argument("text", metavar="TEXT", nargs="?", help="what to send; without it, standard input")
    options = parser.parse_args(arguments)
    try:
        address = parse_address(options.address)
    except ValueError as error:
        parser.error(str(error))
    listens = not PROTOCOLS[options.protocol]
    source = None if listens or options.text is not None or sys.stdin is None else sys.stdin.fileno()
    text = b"" if listens else os.fsencode(options.text or "")  # the bytes that were typed, whatever they are
    if sys.stdout is None:  # as after >&-
        sys.stderr.write("tcp.client: what comes back can't be printed: standard output is closed\n")
        return 1
    try:
        converse(address, sys.stdout.fileno(), text=text, source=source)
    except NoAnswerError as failure:
        sys.stderr.write(f"tcp.client: {failure}\n")
        return 1
    except KeyboardInterrupt:
        return 130  # as shells say it
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
