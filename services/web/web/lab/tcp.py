"""The TCP lab: which protocols there are, what they do, and the same thing as commands to type."""

import shlex
from dataclasses import dataclass

from django.conf import settings

from web.environment import Address

__all__ = ["PROTOCOLS", "MessageProtocol", "as_python", "as_shell", "protocols"]


@dataclass(frozen=True)
class MessageProtocol:
    """One of the tcp service's protocols, and where it answers."""

    name: str
    does: str
    direct: Address
    nginx: Address
    port: int  # that nginx publishes

    def address(self, way: str) -> Address:
        """Return where to connect to: straight to the service, or to nginx before it."""
        return self.nginx if way == "nginx" else self.direct


PROTOCOLS = {
    "echo": "sends back what comes, as it comes.",
    "ack": "answers each piece that it reads with Message received!",
    "greet": "greets whoever connects, and hangs up.",
    "bye": "reads one piece, says good-bye, and hangs up.",
    "room": "takes JOIN, a room and a name; then every line is a message to all in it.",
}


def protocols() -> dict[str, MessageProtocol]:
    """Return the protocols by name, with the addresses from the settings."""
    return {
        name: MessageProtocol(name, does, *settings.TCP_PROTOCOLS[name]) for name, does in PROTOCOLS.items()
    }


def as_shell(data: bytes, host: str, port: int) -> str:
    """Return the command that does the same with `nc`."""
    return (
        f"printf {shlex.quote(printf_format(data))} | nc {host} {port}"
        if data
        else f"nc {host} {port} < /dev/null"
    )


def printf_format(data: bytes) -> str:
    """Return bytes as a format of POSIX printf: octal for what can't be typed, its own two signs doubled."""
    special = {0x0A: "\\n", 0x25: "%%", 0x5C: "\\\\"}
    return "".join(
        special.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}") for byte in data
    )


def as_python(data: bytes, host: str, port: int, *, single_bytes: bool) -> str:
    """Return the program that does the same."""
    if single_bytes:
        sending = (
            f"    for byte in {data!r}:\n        connection.send(bytes([byte]))\n        time.sleep(0.002)\n"
        )
    else:
        sending = f"    connection.sendall({data!r})\n" if data else ""
    return (
        f"import socket\n{'import time' + chr(10) if single_bytes else ''}\n"
        f"with socket.create_connection(({host!r}, {port}), timeout=1) as connection:\n"
        "    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)\n"
        f"{sending}"
        "    connection.shutdown(socket.SHUT_WR)\n"
        "    while piece := connection.recv(8192):\n"
        "        print(piece)\n"
    )
