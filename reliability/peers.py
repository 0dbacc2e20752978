"""The servers that people install, each as its documentation starts it, in one process."""

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from comparisons.environments import python_of
from comparisons.place import LeftOut
from native.ports import free_ports
from native.run_dir import RunDir

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PEERS", "LeftOut", "Peer", "accepts"]

ROOT = Path(__file__).parents[1]

WSGI, ASGI = "reliability.hello:wsgi", "reliability.hello:asgi"

#: Ten seconds to stop in, as ours have.
GUNICORN = "{python} -m gunicorn --bind 127.0.0.1:0 --no-control-socket --graceful-timeout 10"

#: It would log each request of a flood, which the others are told not to.
DAPHNE = f"{{python}} -m daphne --bind 127.0.0.1 --port 0 --access-log {os.devnull}"

CHANNELS = "reliability.channels_site:application"

#: What of ours an environment of the comparisons has the requirements of, but not itself.
OURS = os.pathsep.join(str(ROOT / "services" / name) for name in ("rooms", "realtime"))


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that is not ours."""

    title: str
    command: str
    """``{python}``, ``{bin}`` and ``{port}`` are filled in; most take port 0, and say which it is."""
    asks: str = "http"
    """What guests do there: one of ``guests.ASKS``."""
    group: str = ""
    """The comparisons' environment that it is installed in; without one it is ``.venv``."""

    def words(self) -> list[str]:
        """Its command line, once it is installed. Raises LeftOut with the reason if it can't be."""
        python = Path(sys.executable)
        if self.group:
            home = RunDir.from_environment(os.environ).path / "comparisons" / "environments"
            python = python_of(self.group, home)
        (port,) = free_ports(1)
        values = {
            "python": str(python), "bin": str(python.parent), "port": str(port),
            "prefix": sys.prefix, "root": str(ROOT),
        }  # fmt: skip
        return [word.format_map(values) for word in self.command.split()]

    def environment(self) -> dict[str, str]:
        """What it needs to find ours."""
        return {"PYTHONPATH": OURS} if self.group else {}


def accepts(address: tuple[str, int]) -> bool:
    """Can one connect? Granian says where it listens before it does."""
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return False
    return True


#: By the names that the command line has for them.
PEERS: "Mapping[str, Peer]" = {
    "gunicorn-sync": Peer("Gunicorn sync", f"{GUNICORN} {WSGI}"),
    "gunicorn-gthread": Peer("Gunicorn gthread", f"{GUNICORN} --threads 4 {WSGI}"),
    # The quick start's, with as many threads as the others; without --die-on-term SIGTERM starts it anew.
    "uwsgi": Peer(
        "uWSGI",
        "{bin}/uwsgi --http 127.0.0.1:{port} --master --threads 4 --die-on-term --disable-logging "
        f"--virtualenv {{prefix}} --pythonpath {{root}} --module {WSGI}",
    ),
    "granian": Peer("Granian", f"{{python}} -m granian --interface wsgi --port {{port}} {WSGI}"),
    "uvicorn": Peer("uvicorn", f"{{python}} -m uvicorn --port 0 --no-access-log {ASGI}"),
    "daphne": Peer("daphne", f"{DAPHNE} {ASGI}", group="realtime-daphne"),
    "channels": Peer("Channels on daphne", f"{DAPHNE} {CHANNELS}", "websocket", "realtime-daphne"),
}
