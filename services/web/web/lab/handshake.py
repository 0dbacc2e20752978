"""The opening handshake: a request for a WebSocket, and the answer that proves that it was understood."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

from web.lab.anatomy import requests, responses

__all__ = ["GUID", "Handshake", "accept", "fresh_key", "head_end"]

#: RFC 6455, section 1.3: a value that nobody sends back who does not know this protocol.
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def fresh_key() -> str:
    """Sixteen random bytes in base64, as section 4.1 wants them."""
    return base64.b64encode(secrets.token_bytes(16)).decode()


def digest(key: str) -> bytes:
    """SHA-1 of the key and the GUID."""
    return hashlib.sha1((key + GUID).encode("latin-1", "replace"), usedforsecurity=False).digest()


def accept(key: str) -> str:
    """Return the answer to a key: section 4.2.2."""
    return base64.b64encode(digest(key)).decode()


def head_end(data: bytes) -> int | None:
    """Return where a message's head ends, or nothing while it is not all here."""
    end = data.find(b"\r\n\r\n")
    return None if end < 0 else end + 4


@dataclass(frozen=True)
class Handshake:
    """Both halves, and the arithmetic between them."""

    sent: bytes
    received: bytes

    def field(self, data: list[tuple[str, str]], name: str) -> str:
        """Return the value of a field line, or nothing."""
        return next((value for known, value in data if known == name), "")

    @property
    def key(self) -> str:
        """The client's key."""
        found = requests(self.sent)
        return self.field(found[0].fields, "sec-websocket-key") if found else ""

    @property
    def status(self) -> int:
        """The status code of the answer; 0 without one."""
        found = responses(self.received, ["GET"])
        return found[0].status if found else 0

    @property
    def answer(self) -> str:
        """What the server has computed."""
        found = responses(self.received, ["GET"])
        return self.field(found[0].fields, "sec-websocket-accept") if found else ""

    @property
    def expected(self) -> str:
        """What we compute."""
        return accept(self.key)

    @property
    def sha1(self) -> str:
        """The step between, in hexadecimal."""
        return digest(self.key).hex(" ")

    @property
    def fault(self) -> str:
        """What is wrong with the key."""
        try:
            size = len(base64.b64decode(self.key, validate=True))
        except (binascii.Error, ValueError):
            return "The key is no base64 (4.2.1)."
        return "" if size == 16 else f"The key is {size} bytes in base64; it must be 16 (4.2.1)."
