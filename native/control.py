"""Asking supervisord: what state its programs are in, and to stop them. XML-RPC over its Unix socket."""

import http.client
import socket
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from native.processes import wait_until
from native.run_dir import RunDir

__all__ = ["STOP_WITHIN", "State", "ask", "start_program", "states", "stop_program", "stop_programs"]

#: The program that the others keep things in.
STORE = "redis"

#: How long the programs may take to stop, and then supervisord: more than each program's own 15 s.
STOP_WITHIN = 20.0


@dataclass(frozen=True)
class State:
    """What supervisord says of one program: RUNNING, STARTING, BACKOFF, STOPPED …, and the words to it."""

    name: str
    group: str
    state: str
    started: int
    pid: int
    words: str


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Transport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: str) -> http.client.HTTPConnection:  # type: ignore[override]
        connection = Connection(self._path)
        self._connection = host, connection  # where the parent looks for it to close it
        return connection


def ask(run_dir: RunDir, method: str, *arguments: object) -> Any:  # noqa: ANN401  what XML-RPC has
    """Call a method of its XML-RPC interface; None if it does not answer (yet, or any more), or refuses."""
    transport = Transport(run_dir.supervisor_socket)
    try:
        with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)
    except (OSError, http.client.HTTPException, xmlrpc.client.Error):
        return None


def states(run_dir: RunDir) -> dict[str, State]:
    """Every program's state; empty if supervisord does not answer."""
    return {
        info["name"]: State(
            info["name"],
            info["group"],
            info["statename"],
            info["start"],
            info["pid"],
            info["spawnerr"] or info["description"],
        )
        for info in ask(run_dir, "getAllProcessInfo") or ()
    }


def start_program(name: str, run_dir: RunDir) -> bool:
    """Start one; whether it comes to serve is another question."""
    return ask(run_dir, "startProcess", name, False) is not None


def stop_program(name: str, run_dir: RunDir) -> None:
    """Stop one, and wait until it has."""
    stop_at_once([state for state in states(run_dir).values() if state.name == name], run_dir)


def stop_programs(run_dir: RunDir) -> None:
    """Stop all but the store at once, since what they have in flight may need it; then the store.

    On its own supervisord would stop one after the other, and look up once a second.
    """
    everything = list(states(run_dir).values())
    stop_at_once([state for state in everything if state.name != STORE], run_dir)
    stop_at_once([state for state in everything if state.name == STORE], run_dir)


def stop_at_once(those: list[State], run_dir: RunDir) -> None:
    """Ask each to stop, and wait until they have."""
    for state in those:
        ask(run_dir, "stopProcess", f"{state.group}:{state.name}", False)
    names = {state.name for state in those}

    def stopped() -> bool:
        return not any(state.pid for name, state in states(run_dir).items() if name in names)

    wait_until(stopped, STOP_WITHIN)
