"""Who may use Locust's page: it starts load for whoever sends it a form.

Three questions, each about what a browser or a stranger could be made to do. Is the name in Host one of ours?
Somebody else's page can have its own name lead to this address. Does a form come from this page? Another
site's can post one here. And, where the page can be reached from other machines: is it known who asks?
"""

from __future__ import annotations

import ipaddress
import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request

__all__ = ["Door", "PasswordError"]

USER = "locust"

OPEN = ("/livez", "/healthz", "/stats/requests")
"""What health checks and the site's status ask for, without a password. They start and show nothing else."""

SHORTEST = 12
"""Characters of a password that somebody has chosen: who can guess forever finds a shorter one."""

logger = logging.getLogger("loadtests")


class PasswordError(ValueError):
    """A password that is none; the message says what to do."""


@dataclass(frozen=True)
class Door:
    """The three questions. `password` is empty where the page is this machine's alone."""

    names: tuple[str, ...]
    password: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Door:
        """A password that was set holds everywhere; where BIND opens the page, one is made. PasswordError."""
        names = environ.get("ALLOWED_HOSTS") or "localhost,127.0.0.1,[::1]"
        own = (environ.get("LOCUST_ADDRESS") or "").rpartition(":")[0]
        password = environ.get("LOCUST_PASSWORD", "")
        if password and len(password) < SHORTEST:
            raise PasswordError(f"LOCUST_PASSWORD is too short: give it {SHORTEST} characters or more.")
        if not password and not is_loopback(bind := environ.get("BIND") or "127.0.0.1"):
            password = secrets.token_urlsafe(16)
            logger.warning(
                "BIND is %s, so Locust's page asks for a password: user %s, password %s "
                "(LOCUST_PASSWORD sets another).", bind, USER, password,
            )  # fmt: skip
        known = (name.strip().lower() for name in f"{names},{own}".split(","))
        return cls(tuple(name for name in known if name), password)

    def refusal(self, request: Request) -> Response | None:
        """The answer to who may not come in; None lets the request through."""
        if not self.knows(request.host):
            return said(400, "This Host is not one of ours. ALLOWED_HOSTS in .env lists those that are.")
        origin = request.headers.get("Origin")
        if origin is not None and origin_host(origin) != request.host.lower():
            return said(403, "Locust takes forms from its own page only.")
        if not self.password or (request.method == "GET" and request.path.endswith(OPEN)):
            return None
        return None if self.is_known(request) else unknown()

    def knows(self, host: str) -> bool:
        """Is this name, with or without a port, one that we go by? As Django reads ALLOWED_HOSTS."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        name = f"[{name}]" if ":" in name else name
        return any(
            known in ("*", name) or (known.startswith(".") and f".{name}".endswith(known))
            for known in self.names
        )

    def is_known(self, request: Request) -> bool:
        """Has the request the password? In a time that tells nothing of how much of it was right."""
        given = request.authorization
        if given is None or given.type != "basic":
            return False
        right = secrets.compare_digest((given.password or "").encode(), self.password.encode())
        return right and given.username == USER


def is_loopback(address: str) -> bool:
    """Does only this machine reach what listens there?"""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def origin_host(origin: str) -> str:
    """Whose page it is, with its port; nothing for `null`, or for what is no origin at all."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def unknown() -> Response:
    """Ask for name and password."""
    answer = said(
        401, f"Locust's page wants the user {USER} and its password: LOCUST_PASSWORD, or see its log."
    )
    answer.headers["WWW-Authenticate"] = 'Basic realm="Layercake: Locust", charset="UTF-8"'
    return answer


def said(status: int, sentence: str) -> Response:
    """A line of text."""
    return Response(f"{sentence}\n", status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
