"""Where each rung answers: directly, and through nginx.

The environment names the services (docs/design.md); the defaults are the ports of `.env` on this machine, so
that Locust started by hand finds a stack that runs on the same machine without containers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RUNGS", "Address", "AddressError", "Rung", "Stack", "Target", "Via"]

ADDRESS = re.compile(r"(?:(?P<name>[A-Za-z0-9._-]+)|\[(?P<version_6>[0-9A-Fa-f:.]+)\]):(?P<port>[0-9]{1,5})")

REDIS_URL = re.compile(r"redis://(?:[^@/]*@)?(?P<address>[^@/]+:[0-9]{1,5})(?:/.*)?")

Via = Literal["nginx", "direct"]


class AddressError(ValueError):
    """An address that can't be used; the message says which, and what to do."""


class Address(NamedTuple):
    """A host and a port, as in `httpd:8001` or `[::1]:8001`."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, name: str = "address") -> Address:
        """Raise AddressError, which begins with `name`, unless `text` is HOST:PORT."""
        match = ADDRESS.fullmatch(text.strip())
        if not match or not 0 < int(match["port"]) < 65536:
            message = f"{name} is {text!r}: give it as HOST:PORT, for example 127.0.0.1:8080."
            raise AddressError(message)
        return cls(match["name"] or match["version_6"], int(match["port"]))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Rung(NamedTuple):
    """One step of the ladder: how its service is found, and which variables say so."""

    number: int
    service: str
    direct: str
    direct_port: str
    default_direct_port: int
    through: str = "NGINX_ADDRESS"
    prefix: str = ""


RUNGS: dict[str, Rung] = {
    rung.service: rung
    for rung in (
        Rung(1, "tcp", "TCP_ECHO_ADDRESS", "TCP_ECHO_DIRECT_PORT", 9100, through="NGINX_TCP_ECHO_ADDRESS"),
        Rung(2, "httpd", "HTTPD_ADDRESS", "HTTPD_DIRECT_PORT", 8001, prefix="/httpd"),
        Rung(3, "httpd-wsgi", "HTTPD_WSGI_ADDRESS", "HTTPD_WSGI_DIRECT_PORT", 8004, prefix="/httpd-wsgi"),
        Rung(4, "web", "WEB_ADDRESS", "WEB_DIRECT_PORT", 8002),
        Rung(5, "realtime", "REALTIME_ADDRESS", "REALTIME_DIRECT_PORT", 8003),
        # Not a rung of its own: the same service on another port.
        Rung(
            1, "tcp-room", "TCP_ROOM_ADDRESS", "TCP_ROOM_DIRECT_PORT", 9104, through="NGINX_TCP_ROOM_ADDRESS"
        ),
    )
}
"""In the order of the ladder."""

NGINX_PORTS = {
    "NGINX_ADDRESS": ("HTTP_PORT", 8080),
    "NGINX_TCP_ECHO_ADDRESS": ("TCP_ECHO_PORT", 9000),
    "NGINX_TCP_ROOM_ADDRESS": ("TCP_ROOM_PORT", 9004),
}


class Target(NamedTuple):
    """Where a user sends its load: an address, what to put before a path, and by which way."""

    address: Address
    prefix: str
    via: Via


@dataclass(frozen=True)
class Stack:
    """The addresses of one stack, by the names of the variables that hold them."""

    addresses: Mapping[str, Address]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Stack:
        """Read every address once. Raises AddressError for one that is not HOST:PORT."""

        def address(name: str, port_name: str, port: int) -> Address:
            if text := environ.get(name):
                return Address.parse(text, name)
            return Address.parse(f"127.0.0.1:{environ.get(port_name) or port}", port_name)

        found = {rung.direct: address(rung.direct, *rung[3:5]) for rung in RUNGS.values()}
        found |= {name: address(name, *ports) for name, ports in NGINX_PORTS.items()}
        return cls(found)

    def hops(self, environ: Mapping[str, str]) -> dict[str, Address]:
        """Where everybody listens that a request may meet on its way: nginx, the services, Redis."""
        redis = REDIS_URL.fullmatch(environ.get("REDIS_URL") or "")
        at = redis["address"] if redis else f"127.0.0.1:{environ.get('REDIS_PORT') or 6390}"
        services = {rung.service: self.addresses[rung.direct] for rung in RUNGS.values()}
        del services["tcp-room"]  # which is tcp
        return {
            "nginx": self.addresses["NGINX_ADDRESS"],
            **services,
            "redis": Address.parse(at, "REDIS_URL"),
        }

    def target(self, service: str, via: Via, host: str = "") -> Target:
        """Where load for `service` goes.

        `host` is the Host field of Locust's page. Empty, `via` decides. Otherwise it must be an address of
        this stack: nginx's, and every rung goes through nginx; or that of one service, and its rungs go there
        directly. Raises AddressError for any other, so that this page can't be made to put load on somebody
        else's machine.
        """
        rung = RUNGS[service]
        way = via if not host.strip() else self._way(rung, host)
        if way == "nginx":
            return Target(self.addresses[rung.through], rung.prefix, "nginx")
        return Target(self.addresses[rung.direct], "", "direct")

    def _way(self, rung: Rung, host: str) -> Via:
        scheme, _, rest = host.strip().rpartition("://")
        text = rest.partition("/")[0]
        given = Address.parse(text if not scheme or re.search(r":\d+$", text) else f"{text}:80", "Host")
        if given in (self.addresses[rung.through], self.addresses["NGINX_ADDRESS"]):
            return "nginx"
        if given == self.addresses[rung.direct]:
            return "direct"
        owners = [other.service for other in RUNGS.values() if given == self.addresses[other.direct]]
        if owners:
            raise AddressError(
                f"Host {given} is {owners[0]}, which does not serve {rung.service}: "
                f"choose only user classes of {owners[0]}, or leave Host empty."
            )
        known = ", ".join(str(address) for address in dict.fromkeys(self.addresses.values()))
        raise AddressError(
            f"Host {given} is not an address of this stack: leave it empty, or use one of {known}."
        )
