"""Where the running stack is: its addresses, how it runs, and whether it answers."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ROOT", "Base", "NoStackError", "Stack"]

ROOT = Path(__file__).resolve().parent.parent.parent

#: Each rung that speaks HTTP: the variable with its direct port, and the prefix that nginx serves it under.
HTTP_RUNGS = {
    "web": ("WEB_DIRECT_PORT", ""),
    "httpd": ("HTTPD_DIRECT_PORT", "/httpd"),
    "httpd-wsgi": ("HTTPD_WSGI_DIRECT_PORT", "/httpd-wsgi"),
    "realtime": ("REALTIME_DIRECT_PORT", ""),
    "locust": ("LOCUST_DIRECT_PORT", ""),
}

#: Direct ports are for a local lab: they are open here, whatever BIND says.
LOOPBACK = "127.0.0.1"


class NoStackError(Exception):
    """No stack answers where the environment says that one runs."""


@dataclass(frozen=True)
class Base:
    """Where a rung is reached: a host and a port, and the prefix of its paths there."""

    host: str
    port: int
    prefix: str

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    def url(self, path: str) -> str:
        return f"{self.origin}{self.prefix}{path}"

    def websocket(self, path: str) -> str:
        return f"ws://{self.host}:{self.port}{self.prefix}{path}"


def read_env_file(path: Path) -> dict[str, str]:
    """Read ``NAME=value`` lines; ``.env`` uses neither quotes nor continuation lines."""
    lines = (line.strip() for line in path.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True)
class Stack:
    """A stack that was started by somebody else: the suite only ever talks to it."""

    mode: str
    run_dir: Path
    #: The whole environment among them, which is nobody else's to read: not shown where a test fails.
    settings: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_environment(cls) -> "Stack":
        """Take every setting from the environment, and from ``.env`` where it says nothing."""
        given = {name: value for name, value in os.environ.items() if value}
        settings = read_env_file(ROOT / ".env") | given
        mode = settings.get("LAYERCAKE_MODE", "native")
        if mode not in {"native", "docker"}:
            raise NoStackError(
                f"LAYERCAKE_MODE is {mode!r}; set it to native or docker, whichever way the stack runs."
            )
        return cls(mode, Path(settings.get("RUN_DIR", ROOT / ".run")).resolve(), settings)

    @property
    def host(self) -> str:
        """Where to connect to: a stack published on every address is also published on loopback."""
        return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self.settings["BIND"], self.settings["BIND"])

    def port(self, variable: str) -> int:
        return int(self.settings[variable])

    @property
    def site(self) -> Base:
        """The whole stack, as nginx serves it."""
        return Base(self.host, self.port("HTTP_PORT"), "")

    def http(self, rung: str, way: str) -> Base:
        """Return where an HTTP rung is reached: ``nginx`` or ``direct``."""
        variable, prefix = HTTP_RUNGS[rung]
        if way == "direct":
            return Base(LOOPBACK, self.port(variable), "")
        return Base(self.host, self.port("HTTP_PORT"), prefix)

    def tcp(self, protocol: str, way: str) -> tuple[str, int]:
        """Return where a TCP protocol is reached: ``nginx`` or ``direct``."""
        if way == "direct":
            return LOOPBACK, self.port(f"TCP_{protocol.upper()}_DIRECT_PORT")
        return self.host, self.port(f"TCP_{protocol.upper()}_PORT")

    def require(self) -> None:
        """Raise `NoStackError` with what to do, unless something listens where nginx should."""
        address = (self.host, self.port("HTTP_PORT"))
        try:
            socket.create_connection(address, timeout=5).close()
        except OSError as error:
            raise NoStackError(
                f"No stack answers on {address[0]}:{address[1]} ({error.strerror or error}): run `make up` "
                "first, or `python3 -m native test`, which starts one for the tests. HTTP_PORT says where."
            ) from error
