"""The places that guests visit and attackers go for: a service's own port, or its paths at nginx."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from loadtests.addresses import Address
from reliability.house import House

__all__ = ["PLACES", "Place", "through_nginx"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is asked, and what."""

    name: str
    asks: str
    """What guests do there: one of ``guests.ASKS``."""
    host: str = ""
    port: int = 0
    prefix: str = ""
    """What stands before every path."""
    quick: str = "/livez"
    """A path whose answer costs little."""
    large: str = "/test.jpg"
    """A path whose answer is the largest that there is."""
    sources: tuple[str, ...] = ()
    """Addresses that attackers come from, where guests come from another one."""

    @property
    def address(self) -> tuple[str, int]:
        """To connect to."""
        return self.host, self.port

    def at(self, address: tuple[str, int], *sources: str) -> "Place":
        """The same, somewhere."""
        return replace(self, host=address[0], port=address[1], sources=sources)


#: Where attackers come from: nginx counts by address.
ELSEWHERE = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")

#: What is behind nginx, by its service.
PLACES: Mapping[str, Place] = {
    place.name: place
    for place in (
        Place("tcp", "tcp"),
        Place("httpd", "http", prefix="/httpd"),
        Place("httpd-wsgi", "http", prefix="/httpd-wsgi"),
        Place("web", "http", large="/"),
        # What realtime has below /ws/ are WebSockets; other requests there reach it too, and find nothing.
        Place("realtime", "websocket", prefix="/ws"),
        Place("locust", "http", prefix="/locust", large="/"),
    )
}


def through_nginx(at: House, service: str) -> Place:
    """Where a stack's nginx serves it."""
    name = "NGINX_TCP_ECHO_ADDRESS" if service == "tcp" else "NGINX_ADDRESS"
    return PLACES[service].at(Address.parse(at.variables[name], name), *ELSEWHERE)
