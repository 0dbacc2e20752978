"""Delicate handshakes and frames, and every answer to them that RFC 6455 allows.

The server echoes messages, as the ladder's `/ws/echo` does. To *fail the connection* (section 7.1.7) is to
close it; a close frame beforehand is not asked for, but one that comes has to say the right thing.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from comparisons.conformance import frames, replies
from comparisons.conformance.frames import Opcode, frame
from comparisons.conformance.verdict import PATIENCE, Verdict, Wrong, judge
from comparisons.conformance.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from comparisons.conformance.frames import Frame

__all__ = ["WS_CASES", "check_ws"]

KEY: Final = "TGF5ZXJjYWtlIGNoZWNrcw=="
"""Sixteen octets in base64, and no secret: it shows only that the peer has understood (section 1.3)."""

GUID: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

ACCEPT: Final = base64.b64encode(hashlib.sha1((KEY + GUID).encode()).digest()).decode()  # noqa: S324 - section 4.2.2

UPGRADE: Final = {
    "Host": "localhost",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}

SECONDS: Final = 1.0
"""For each case; who answers at all answers at once."""

MOST_FRAMES: Final = 64


@dataclass(frozen=True, slots=True)
class Server:
    """Who is asked, and where it echoes."""

    address: tuple[str, int]
    path: str
    seconds: float = SECONDS

    def connect(self) -> Wire:
        """A connection. Raises Wrong."""
        return Wire(self.address, self.seconds)

    def shake(self, wire: Wire, fields: dict[str, str]) -> replies.Reply:
        """Send an opening handshake; gives the answer, and leaves the rest to be read. Raises Wrong."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        wire.send(f"GET {self.path} HTTP/1.1\r\n{lines}\r\n".encode())
        octets = wire.receive(lambda octets: b"\r\n\r\n" in octets)
        found = replies.read(octets, ended=wire.ended)
        if not found:
            raise Wrong("no answer to the handshake")
        wire.received = octets.partition(b"\r\n\r\n")[2]
        return found[0]

    def talk(self, *sent: bytes, until: int = MOST_FRAMES) -> tuple[list[Frame], bool]:
        """Shake hands, send these frames; gives the answers: so many, or up to the end. Raises Wrong."""
        with self.connect() as wire:
            if (answer := self.shake(wire, UPGRADE)).status != 101:
                raise Wrong(f"{answer.status} to a good handshake")
            wire.send(b"".join(sent))
            octets = wire.receive(lambda octets: len(frames.read(octets)) >= until)
            return frames.read(octets), wire.ended


Case = tuple[str, "Callable[[Server], None]"]


def said(answers: list[Frame], *, ended: bool) -> str:
    """What happened, in words."""
    words = [
        f"close {each.code or 'without a code'}" if each.opcode == Opcode.CLOSE
        else Opcode(each.opcode).name.lower() if each.opcode in list(Opcode)
        else f"opcode {each.opcode}"
        for each in answers[:4]
    ]  # fmt: skip
    return f"{', then '.join(words) or 'no answer'}, {'closed' if ended else 'still open'}"


def fails(codes: int | tuple[int, ...], *sent: bytes) -> Callable[[Server], None]:
    """A case in which the server fails the connection, with such a code if with any, and echoes nothing."""
    allowed = (codes, None) if isinstance(codes, int) else (*codes, None)

    def case(server: Server) -> None:
        answers, ended = server.talk(*sent, until=1)
        closing = bool(answers) and answers[0].opcode == Opcode.CLOSE
        silent = not answers and ended
        if not silent and not (closing and answers[0].code in allowed):
            raise Wrong(said(answers, ended=ended))

    return case


def answers(expected: tuple[tuple[int, bytes], ...], *sent: bytes) -> Callable[[Server], None]:
    """A case in which these messages come back, and nothing else before them."""

    def case(server: Server) -> None:
        found, ended = server.talk(*sent, until=len(expected))
        if tuple((each.opcode, each.payload) for each in found) != expected:
            raise Wrong(said(found, ended=ended))

    return case


# --- handshakes -------------------------------------------------------------------------------------------


def handshake(server: Server) -> None:
    """A good one, and that the peer has understood it."""
    with server.connect() as wire:
        answer = server.shake(wire, UPGRADE)
    if answer.status != 101:
        raise Wrong(f"{answer.status} to a good handshake")
    if answer.field("sec-websocket-accept") != ACCEPT:
        raise Wrong(f"Sec-WebSocket-Accept is {answer.field('sec-websocket-accept')!r}")


def without_key(server: Server) -> None:
    """No handshake at all: "an appropriate HTTP error code (such as 400)"."""
    with server.connect() as wire:
        answer = server.shake(wire, {name: value for name, value in UPGRADE.items() if "Key" not in name})
    if answer.status // 100 != 4:
        raise Wrong(str(answer.status))


def short_key(server: Server) -> None:
    """A key is sixteen octets; with others, it must stop as well."""
    with server.connect() as wire:
        answer = server.shake(wire, {**UPGRADE, "Sec-WebSocket-Key": "c2hvcnQ="})
    if answer.status // 100 != 4:
        raise Wrong(str(answer.status))


def other_version(server: Server) -> None:
    """An error, "such as 426", which must say which version it understands."""
    with server.connect() as wire:
        answer = server.shake(wire, {**UPGRADE, "Sec-WebSocket-Version": "12"})
    if answer.status // 100 != 4:
        raise Wrong(str(answer.status))
    if not answer.has("sec-websocket-version", "13"):
        raise Wrong(f"{answer.status}, which does not say that it speaks version 13")


# --- the end ----------------------------------------------------------------------------------------------


def says_goodbye(server: Server) -> None:
    """A close frame is answered with one, and then the server, which has both, closes TCP."""
    found, ended = server.talk(frames.close(1000))
    if [each.opcode for each in found] != [Opcode.CLOSE] or not ended:
        raise Wrong(said(found, ended=ended))


def no_such_code(server: Server) -> None:
    """1005 is for programs to tell that there was none. It never goes over the wire, nor comes back."""
    found, ended = server.talk(frames.close(1005), until=1)
    if (found and (found[0].opcode != Opcode.CLOSE or found[0].code == 1005)) or not (found or ended):
        raise Wrong(said(found, ended=ended))


TEXT: Final = "Zürich ☃".encode()

LONG: Final = b"layercake" * 40

WS_CASES: Final[tuple[Case, ...]] = (
    ("no Sec-WebSocket-Key (4.2.1)", without_key),
    ("key of another size (4.2.1)", short_key),
    ("version 12 (4.4)", other_version),
    ("text and binary", answers(
        ((Opcode.TEXT, TEXT), (Opcode.BINARY, b"\xff\0")),
        frame(Opcode.TEXT, TEXT), frame(Opcode.BINARY, b"\xff\0"),
    )),
    ("length of 16 bits (5.2)", answers(((Opcode.BINARY, LONG),), frame(Opcode.BINARY, LONG))),
    ("fragments, cut within a character (5.4)", answers(
        ((Opcode.TEXT, TEXT),),
        frame(Opcode.TEXT, TEXT[:2], fin=False), frame(Opcode.CONTINUATION, fin=False),
        frame(Opcode.CONTINUATION, TEXT[2:]),
    )),
    ("ping between fragments (5.4)", answers(
        ((Opcode.PONG, b"?"), (Opcode.TEXT, b"ab")),
        frame(Opcode.TEXT, b"a", fin=False), frame(Opcode.PING, b"?"),
        frame(Opcode.CONTINUATION, b"b"),
    )),
    ("pong that nobody asked for (5.5.3)", answers(
        ((Opcode.TEXT, b"a"),), frame(Opcode.PONG, b"!"), frame(Opcode.TEXT, b"a"),
    )),
    ("frame without a mask (5.1)", fails(1002, frame(Opcode.TEXT, b"a", masked=False))),
    ("reserved bit (5.2)", fails(1002, frame(Opcode.TEXT, b"a", bits=0x20))),
    ("reserved opcode (5.2)", fails(1002, frame(0x3, b"a"))),
    ("length of 64 bits with the first set (5.2)", fails(
        (1002, 1009), bytes([0x82, 0xFF, 0x80]) + bytes(11),
    )),
    ("ping in fragments (5.5)", fails(1002, frame(Opcode.PING, b"?", fin=False))),
    ("ping of 126 octets (5.5)", fails(1002, frame(Opcode.PING, bytes(126)))),
    ("continuation of nothing (5.4)", fails(1002, frame(Opcode.CONTINUATION, b"a"))),
    ("message within a message (5.4)", fails(
        1002, frame(Opcode.TEXT, b"a", fin=False), frame(Opcode.TEXT, b"b"),
    )),
    ("text that is no UTF-8 (8.1)", fails(1007, frame(Opcode.TEXT, b"\xc3\x28"))),
    ("close is answered (5.5.1)", says_goodbye),
    ("close with half a code (5.5.1)", fails(1002, frame(Opcode.CLOSE, b"\x03"))),
    ("close with 1005 (7.4.1)", no_such_code),
)  # fmt: skip
"""With the section of RFC 6455."""


CONTROLS: Final[tuple[Case, ...]] = (
    ("a good handshake", handshake),
    ("an echo", answers(((Opcode.TEXT, b"a"),), frame(Opcode.TEXT, b"a"))),
)


def check_ws(
    address: tuple[str, int], path: str = "/ws/echo", *, seconds: float = SECONDS, patience: float = PATIENCE
) -> Verdict:
    """Try all of it on a server that echoes at this path."""
    server = Server((address[0], address[1]), path, seconds)
    if failures := judge(CONTROLS, replace(server, seconds=max(seconds, patience))).failures:
        return Verdict(0, len(WS_CASES), failures)  # of who refuses everything, a refusal says nothing
    return judge(WS_CASES, server)
