"""Where a server listens: addresses, and the sockets that connections arrive on."""

import errno
import os
import socket

__all__ = ["Address", "ListenError", "format_address", "open_listener", "open_listeners", "parse_address"]

Address = tuple[str, int]

#: Connections that the kernel completes before we accept them. It cuts this to net.core.somaxconn.
BACKLOG = 4096

#: Bytes that the kernel keeps of what a peer has not taken; Linux doubles it, for its own books. By itself it
#: would grow to 4 MiB: four hundred peers that read nothing then hold 1.6 GB of a machine's memory, which no
#: process's figures show. Smaller ones are more system calls for everybody.
SEND_BUFFER = 256 * 1024


class ListenError(Exception):
    """An address that can't be listened on; the text says what to do about it."""


def parse_address(text: str) -> Address:
    """``HOST:PORT`` or ``[IPv6]:PORT``. ``:PORT`` is every address of this machine, port 0 a free port."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{text!r} is not HOST:PORT, as in 127.0.0.1:9000")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"{text!r}: an IPv6 address goes into brackets, as in [::1]:9000")
    try:
        host.encode("idna")  # as whoever looks it up does
    except UnicodeError:
        raise ValueError(f"{text!r}: no host has such a name; take one as in 127.0.0.1:9000") from None
    return host or "0.0.0.0", int(port)  # noqa: S104 - asked for


def format_address(address: Address) -> str:
    """The way back: an address as it is written."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def open_listener(address: Address, *, shared: bool = False) -> socket.socket:
    """Listen on an address. The caller closes the socket.

    With ``shared`` others of ours may listen on the same address; the kernel spreads connections among us.
    What is accepted inherits TCP_NODELAY: an answer is never held back to wait for a fuller segment. And
    SO_KEEPALIVE: where silence is no reason to close, the kernel finds a peer that has vanished. And a bound
    on what the kernel keeps for a peer that does not read.
    """
    try:
        family, kind, number, _, where = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, number)
        try:
            listener.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # don't wait out what is in TIME_WAIT
            if shared:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            listener.bind(where)
            listener.listen(BACKLOG)
            listener.setblocking(False)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise ListenError(f"cannot listen on {format_address(address)}: {explain(error)}") from error
    return listener


def open_listeners(address: Address, count: int, *, shared: bool = False) -> list[socket.socket]:
    """``count`` listeners on one address, for as many workers, all or none.

    A shared port would let a second server in without a word, so an exclusive listener first finds out if it
    is free; unless a second server is what is wanted, which is ``shared``.
    """
    if count == 1 and not shared:
        return [open_listener(address)]
    if address[1] != 0 and not shared:
        open_listener(address).close()
    listeners: list[socket.socket] = []
    try:
        for _ in range(count):
            listeners.append(open_listener(address, shared=True))
            address = listeners[0].getsockname()[:2]
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def explain(error: OSError) -> str:
    """What went wrong, and what to do."""
    if isinstance(error, socket.gaierror):
        return "no such host; use an address of this machine, as 127.0.0.1 or 0.0.0.0"
    match error.errno:
        case errno.EADDRINUSE:
            return "another process listens there; stop it or take another port"
        case errno.EACCES:
            return "ports below 1024 are for root; take another port"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address; use one it has, as 127.0.0.1 or 0.0.0.0"
    return os.strerror(error.errno or 0)
