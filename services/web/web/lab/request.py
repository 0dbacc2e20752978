"""A request as the HTTP lab's form holds it, and the bytes that it becomes for each destination."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from web.environment import Address
from web.lab.problem import BadInput
from web.lab.typed import escaped

__all__ = ["DESTINATIONS", "Destination", "compose"]

#: Bytes of a whole request: past the 8 KiB that a request-line may have, so that one can see that refused
#: too.
MOST_BYTES = 12 * 1024

#: The form's text fields.
FIELDS = ("method", "target", "version", "fields", "content")


@dataclass(frozen=True)
class Destination:
    """A server to send to. Through nginx httpd has a prefix, which is how nginx knows whom it is for."""

    name: str
    title: str
    setting: str
    prefix: str = ""

    @property
    def address(self) -> Address:
        """Return where it listens."""
        address: Address = getattr(settings, self.setting)
        return address


DESTINATIONS = {
    destination.name: destination
    for destination in [
        Destination("httpd", "httpd, directly", "HTTPD_ADDRESS"),
        Destination("nginx-httpd", "nginx, then httpd", "NGINX_ADDRESS", "/httpd"),
        Destination("web", "Gunicorn and Django, directly", "WEB_ADDRESS"),
        Destination("nginx-web", "nginx, then Gunicorn and Django", "NGINX_ADDRESS"),
    ]
}


def compose(form: Mapping[str, str], prefix: str, host: str) -> list[bytes]:
    """Return the request's bytes: one piece or, if the content is to come later, two. Raises `BadInput`.

    `prefix` goes before each path, for a server that knows by it for whom the request is.
    """
    texts = {name: fill(form.get(name, ""), prefix, host) for name in FIELDS}
    content = escaped(texts["content"])
    target = texts["target"]
    if target.startswith("/"):
        target = prefix + target
    field_lines = [line for line in texts["fields"].splitlines() if line]
    head = "\n".join([f"{texts['method']} {target} {texts['version']}", *field_lines, "", ""])
    pieces = [escaped(head.replace("{length}", str(len(content)))), content]
    size = sum(map(len, pieces))
    if size > MOST_BYTES:
        raise BadInput(f"The request is {size:,} bytes long; the lab sends {MOST_BYTES:,} at most.")
    return pieces if form.get("later") else [b"".join(pieces)]


def fill(text: str, prefix: str, host: str) -> str:
    """Return the text with the braces that depend on where it goes filled in."""
    return text.replace("{prefix}", prefix).replace("{host}", host)
