"""Values of environment variables, checked: a wrong one is a sentence that says what to do.

Only ``settings.py`` reads the environment, once, with these; everything else takes settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

__all__ = ["Address", "Environment"]


class Address(NamedTuple):
    """Where a service listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Environment:
    """Typed access to the variables of one process. An empty variable counts as not set."""

    variables: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        """Return the variable as it is."""
        return self.variables.get(name, "").strip() or default

    def words(self, name: str, default: str) -> list[str]:
        """Return the words between commas."""
        return [word for word in (word.strip() for word in self.text(name, default).split(",")) if word]

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number between two bounds."""
        text = self.text(name, str(default))
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ImproperlyConfigured(
                f"{name} is {text!r}: set it to a whole number from {least} to {most}."
            )
        return int(text)

    def address(self, name: str, default: str) -> Address:
        """Return ``host:port``, or ``[host]:port`` for IPv6, taken apart."""
        text = self.text(name, default)
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or port is None or parts.netloc != parts.netloc.strip("/") or parts.path or parts.query:
            raise ImproperlyConfigured(f"{name} is {text!r}: set it to host:port, such as {default}.")
        return Address(host, port)
