"""The environ: a request as PEP 3333 wants it, after the Common Gateway Interface (RFC 3875).

Text is Latin-1, one character an octet. What a peer says about somebody else (X-Forwarded-For and its like)
is believed only from addresses that are trusted; everybody else's stays what it is, a field like any other.
"""

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from io import BufferedReader
from ipaddress import ip_address, ip_network
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from httpd.request import Request
from httpd.wsgi.start_response import FileWrapper

__all__ = ["Environ", "EnvironWriter", "Proxies"]

Environ = dict[str, Any]

USUAL = (
    "Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection", "Content-Length",
    "Content-Type", "Cookie", "Host", "If-Modified-Since", "If-None-Match", "Origin", "Priority", "Referer",
    "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Upgrade-Insecure-Requests",
    "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP",
)  # fmt: skip


class Proxies:
    """The addresses whose word about their own clients is taken."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Trust addresses or networks, as in ``127.0.0.1`` and ``10.0.0.0/8``;

        ``*`` is everybody. Raises ``ValueError``.
        """
        allowed = list(allowed)
        self._everybody = "*" in allowed
        self._networks = [ip_network(address, strict=False) for address in allowed if address != "*"]
        self.trust = lru_cache(maxsize=1024)(self._trust)

    def _trust(self, address: str) -> bool:
        if self._everybody:
            return True
        if not address:
            return bool(self)  # it came through a socket in the file system, whose permissions let it
        try:
            number = ip_address(address)
        except ValueError:
            return False
        return any(number in network for network in self._networks)

    def __bool__(self) -> bool:
        return self._everybody or bool(self._networks)

    def apply(self, environ: Environ) -> None:
        """Believe a trusted peer: who its client is, what it speaks, and where the application is mounted."""
        if not self.trust(environ["REMOTE_ADDR"]):
            return
        # The nearest proxy has written the last address. The first from the right that is nobody's proxy is
        # the client.
        if "HTTP_X_FORWARDED_FOR" in environ:
            for address in reversed(environ["HTTP_X_FORWARDED_FOR"].split(",")):
                text = address.strip()
                if not text:
                    break
                environ["REMOTE_ADDR"] = text
                environ.pop("REMOTE_PORT", None)
                if self._everybody or not self.trust(text):
                    break
        if "HTTP_X_FORWARDED_PROTO" in environ:
            scheme = environ["HTTP_X_FORWARDED_PROTO"].rpartition(",")[2].strip().lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        prefix = environ.get("HTTP_X_FORWARDED_PREFIX")
        if prefix is not None and prefix.startswith("/"):
            environ["SCRIPT_NAME"] = prefix.rstrip("/")


class EnvironWriter:
    """Writes environs: what all of them share, and what each request adds."""

    def __init__(
        self,
        *,
        multithread: bool,
        multiprocess: bool,
        script_name: str = "",
        proxies: Proxies | None = None,
        errors: IO[str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """``extra`` are variables of the server's own, whose names PEP 3333 asks to be unique."""
        self._apply_proxies = proxies.apply if proxies else None
        self._script_name = script_name.rstrip("/")
        self._shared: Environ = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": errors or sys.stderr,
            "wsgi.multithread": multithread,
            "wsgi.multiprocess": multiprocess,
            "wsgi.run_once": False,
            "wsgi.file_wrapper": FileWrapper,
            "wsgi.input_terminated": True,  # wsgi.input ends where the content does, with or without a length
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_SOFTWARE": "layercake-httpd",
            "SCRIPT_NAME": self._script_name,
            **(extra or {}),
        }
        self._begun: dict[tuple[str, int], Environ] = {}  # by the listener's address

    def __call__(self, request: Request, content: IO[bytes] | BufferedReader) -> Environ:
        """Write the environ of one request; ``content`` is what the application reads."""
        peer, path = request.peer, request.path
        try:
            environ = self._begun[peer.local].copy()
        except KeyError:
            environ = self._begin(peer.local).copy()
        if "%" in path or self._script_name:
            path = self._read_path(path)
        environ["REQUEST_METHOD"] = request.method
        environ["PATH_INFO"] = "" if request.asterisk else path
        environ["QUERY_STRING"] = request.query or ""
        environ["REMOTE_ADDR"] = peer.remote[0]
        environ["REMOTE_PORT"] = str(peer.remote[1])
        environ["wsgi.input"] = content
        if not request.minor:
            environ["SERVER_PROTOCOL"] = "HTTP/1.0"
        for line in request.field_lines.split("\r\n"):
            name, _, padded = line.partition(":")
            key = NAMES[name] if name in NAMES else environ_name(name)
            if key in environ:
                environ[key] += ("; " if key == "HTTP_COOKIE" else ", ") + padded.strip("\t ")
            elif key:
                environ[key] = padded.strip("\t ")
        if "CONTENT_LENGTH" in environ:
            environ["CONTENT_LENGTH"] = str(request.length)  # one number, however often it was said
        if request.authority is not None:
            environ["HTTP_HOST"] = request.authority
        if self._apply_proxies is not None:
            self._apply_proxies(environ)
        return environ

    def _read_path(self, path: str) -> str:
        """Undo percent-encodings, and leave out where the application is mounted."""
        path = unquote_to_bytes(path).decode("latin-1")
        if (path + "/").startswith(self._script_name + "/"):
            path = path[len(self._script_name) :]
        return path

    def _begin(self, local: tuple[str, int]) -> Environ:
        """Write down what all environs of one listener have in common, with places for the rest."""
        begun = self._begun[local] = {
            **self._shared,
            "REQUEST_METHOD": "",
            "PATH_INFO": "",
            "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "",
            "REMOTE_PORT": "",
            "SERVER_NAME": local[0],
            "SERVER_PORT": str(local[1]),
            "wsgi.input": None,
        }
        return begun


def environ_name(name: str) -> str:
    """Name a field as CGI does.

    One with an underscore would pass for one with a hyphen, which a proxy may have looked at: it is called
    nothing, and left out.
    """
    if "_" in name:
        return ""
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


#: The environ's names of usual fields, which need not be put together each time; and of none.
NAMES = {"": "", **{spelled: environ_name(name) for name in USUAL for spelled in (name, name.lower())}}
