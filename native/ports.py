"""Is every port free? Asked before anything starts, by binding to it."""

import errno
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


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Ask the system for ``count`` different ports that are free now."""
    probes = [socket.socket(family(host), socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((host, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
