"""Is every port free? Asked before anything starts, by binding to it."""

import errno
import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from native.problem import Problem

__all__ = ["Listener", "complaint", "free_ports", "require_free"]


@dataclass(frozen=True)
class Listener:
    """An address that the stack is going to listen on, and the variable that sets its port."""

    variable: str
    host: str
    port: int


def family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def complaint(listener: Listener) -> str | None:
    """Why it can't be listened on, in one sentence; None if it can."""
    probe = socket.socket(family(listener.host), socket.SOCK_STREAM)
    try:
        with probe:
            # As servers do: a port in TIME_WAIT counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((listener.host, listener.port))
            probe.listen(1)
    except OSError as error:
        return explain(error, listener)
    return None


def explain(error: OSError, listener: Listener) -> str:
    """What to do about a bind that failed."""
    variable, host, port = listener.variable, listener.host, listener.port
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} is taken: set {variable} to a free one"
        case errno.EACCES:
            return f"port {port} needs root: set {variable} to one from 1024 up"
        case errno.EADDRNOTAVAIL | errno.EAFNOSUPPORT:
            return f"{host} is no address of this machine: set BIND to one that is, or to 127.0.0.1"
    return f"can't listen on {host} port {port} ({error.strerror}): set {variable} to another"


def require_free(listeners: Iterable[Listener]) -> None:
    """Stop here, naming every port that is taken at once."""
    complaints = [found for listener in listeners if (found := complaint(listener))]
    if complaints:
        raise Problem("\n".join(dict.fromkeys(complaints)))


#: Below the ports that systems give to outgoing connections: what is free now could otherwise be the near end
#: of somebody's connection by the time that a server wants it.
QUIET = range(20000, 32000)


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Find ``count`` different ports that are free now, and likely to be a while longer."""
    # Not from the beginning: two test runs at once would look at the same ones.
    candidates = iter(random.sample(QUIET, len(QUIET)))
    found: list[int] = []
    while len(found) < count:
        port = next(candidates)
        if complaint(Listener("", host, port)) is None:
            found.append(port)
    return found
