"""Does a service do its work now?"""

from collections.abc import Callable
from http.client import HTTPException

from wire.http import fetch
from wire.stack import Stack
from wire.tcp import connected, receive_exactly

__all__ = ["up_or_not"]


def up_or_not(stack: Stack) -> Callable[[str], bool]:
    """A question by a service's name. (What /status/ says may be a second old.)"""
    places = {
        "nginx": (stack.site, "/livez"),
        "httpd": (stack.http("httpd", "nginx"), "/healthz"),
        "httpd-wsgi": (stack.http("httpd-wsgi", "nginx"), "/healthz"),
        "web": (stack.site, "/healthz"),
        "realtime": (stack.http("realtime", "direct"), "/healthz"),
        "redis": (stack.site, "/healthz"),  # web's, which asks Redis
    }

    def ask(service: str) -> bool:
        try:
            if service == "tcp":
                with connected(stack.tcp("echo", "nginx")) as sock:
                    sock.sendall(b"up?")
                    return receive_exactly(sock, 3) == b"up?"
            return fetch(*places[service]).status == 200
        except (OSError, HTTPException):
            return False

    return ask
