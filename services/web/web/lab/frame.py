"""WebSocket frames on the wire: taken apart bit by bit, put together, and what is wrong with them.

The rule of this file is anatomy's: it never refuses. RFC 6455, section 5.2:

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
    |I|S|S|S|  (4)  |A|     (7)     |            (16/64)            |
    |N|V|V|V|       |S|             |  (if payload len is 126/127)  |
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |            Masking-key, if MASK is set        | Payload data  |
    +-----------------------------------------------+---------------+
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

__all__ = ["CLOSE_CODES", "OPCODES", "Frame", "build", "frames", "masked"]

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

#: Section 5.2 and 11.8.
OPCODES = {
    CONTINUATION: "continuation",
    TEXT: "text",
    BINARY: "binary",
    CLOSE: "close",
    PING: "ping",
    PONG: "pong",
}

#: Section 7.4.1, and the registry that it began. None of the second kind may stand in a frame.
CLOSE_CODES = {
    1000: "normal closure",
    1001: "going away",
    1002: "protocol error",
    1003: "a kind of data that it does not take",
    1007: "data that is not what it says it is, such as text that is no UTF-8",
    1008: "against the server's rules",
    1009: "message too big",
    1010: "an extension is missing",
    1011: "the server has failed",
    1012: "the server restarts",
    1013: "try again later",
    1014: "bad gateway",
}
NEVER_SENT = {
    1004: "reserved",
    1005: "stands for no code at all",
    1006: "stands for a connection that just broke",
    1015: "stands for a TLS handshake that failed",
}

#: The most that a control frame may carry: section 5.5.
MOST_CONTROL = 125


@dataclass(frozen=True)
class Frame:
    """One frame: its bytes, and what each of them says."""

    data: bytes
    final: bool
    reserved: int  # the three bits RSV1 to RSV3, as a number
    opcode: int
    mask: bytes  # four bytes, or none
    length: int
    extended: bytes  # the length in two or eight bytes more, if seven bits were not enough
    payload: bytes  # as it means
    faults: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What sort of frame it is."""
        return OPCODES.get(self.opcode, f"opcode {self.opcode}")

    @property
    def control(self) -> bool:
        """Whether it is about the connection, and may come between the fragments of a message."""
        return self.opcode >= CLOSE

    @property
    def code(self) -> int | None:
        """The code that a close frame gives as its reason."""
        return int.from_bytes(self.payload[:2]) if self.opcode == CLOSE and len(self.payload) >= 2 else None

    @property
    def code_means(self) -> str:
        """What the code means."""
        code = self.code or 0
        if 3000 <= code < 5000:
            return "an application's own"
        return CLOSE_CODES.get(code) or NEVER_SENT.get(code) or "nobody has defined it"

    @property
    def text(self) -> str | None:
        """The payload as text, where that is what it is."""
        try:
            return (self.payload[2:] if self.opcode == CLOSE else self.payload).decode()
        except UnicodeDecodeError:
            return None


def masked(payload: bytes, mask: bytes) -> bytes:
    """Each byte, XOR one of the mask's four in turn: section 5.3. Twice is nothing."""
    if not mask:
        return payload
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(len(payload))


def build(opcode: int, payload: bytes, *, final: bool = True, reserved: int = 0, mask: bytes = b"") -> bytes:
    """Put a frame together, a wrong one if that is what is asked for."""
    length = len(payload)
    if length <= MOST_CONTROL:
        short, extended = length, b""
    else:
        short, extended = (126, length.to_bytes(2)) if length < 1 << 16 else (127, length.to_bytes(8))
    head = bytes([final << 7 | reserved << 4 | opcode, bool(mask) << 7 | short])
    return head + extended + mask + masked(payload, mask)


def frames(data: bytes, *, from_client: bool) -> tuple[list[Frame], bytes]:
    """Return the frames that follow one another, and what is left: the beginning of one more."""
    found: list[Frame] = []
    rules = Rules(from_client)
    while (frame := take(data)) is not None:
        data = data[len(frame.data) :]
        found.append(rules.judged(frame))
    return found, data


def take(data: bytes) -> Frame | None:
    """Return the frame that the bytes begin with, or nothing while it is not whole."""
    if len(data) < 2:
        return None
    short = data[1] & 0x7F
    place = 2 + {126: 2, 127: 8}.get(short, 0)
    extended = data[2:place]
    length = int.from_bytes(extended) if extended else short
    mask = data[place : place + 4] if data[1] & 0x80 else b""
    begin = place + (4 if data[1] & 0x80 else 0)
    end = begin + length
    if len(data) < end:
        return None
    payload = masked(data[begin:end], mask)
    return Frame(
        data[:end], bool(data[0] & 0x80), data[0] >> 4 & 7, data[0] & 15, mask, length, extended, payload
    )


class Rules:
    """What one frame may be after the ones before it."""

    def __init__(self, from_client: bool) -> None:
        self.from_client = from_client
        self.message = b""  # the fragments so far
        self.opened: int | None = None  # the opcode of the message that they belong to
        self.closed = False

    def judged(self, frame: Frame) -> Frame:
        """Return the frame with what is wrong with it."""
        more = self.of_control(frame) if frame.control else self.of_message(frame)
        faults = (*self.of_frame(frame), *more)
        self.closed = self.closed or frame.opcode == CLOSE
        return replace(frame, faults=faults)

    def of_frame(self, frame: Frame) -> Iterator[str]:
        """Look at what every frame has."""
        if self.closed:
            yield "After a close frame nothing more may be sent (5.5.1)."
        if self.from_client and not frame.mask:
            yield "A client masks every frame; a server fails the connection otherwise (5.1)."
        if frame.mask and not self.from_client:
            yield "A server masks nothing (5.1)."
        if frame.reserved:
            yield "A reserved bit is set, and no extension was agreed on that gives it a meaning (5.2)."
        if frame.opcode not in OPCODES:
            yield f"Opcode {frame.opcode} is reserved: nobody knows what it would mean (5.2)."
        if frame.extended and frame.length <= (MOST_CONTROL if len(frame.extended) == 2 else 0xFFFF):
            yield "The length would fit into fewer bytes, and must stand in as few as it can (5.2)."

    def of_control(self, frame: Frame) -> Iterator[str]:
        """Look at a close, ping or pong."""
        if not frame.final:
            yield "A control frame must not be fragmented (5.5)."
        if frame.length > MOST_CONTROL:
            yield f"A control frame carries {MOST_CONTROL} bytes at most (5.5)."
        if frame.opcode != CLOSE:
            return
        if len(frame.payload) == 1:
            yield "A code is two bytes; here is one (5.5.1)."
        if frame.code is not None and frame.code not in CLOSE_CODES and not 3000 <= frame.code < 5000:
            yield f"Code {frame.code} must not stand in a frame: {frame.code_means} (7.4)."
        if frame.text is None:
            yield "The reason is no UTF-8 (5.5.1)."

    def of_message(self, frame: Frame) -> Iterator[str]:
        """Look at a message, or a fragment of one."""
        if frame.opcode not in OPCODES:
            return
        if frame.opcode == CONTINUATION and self.opened is None:
            yield "There is nothing to continue (5.4)."
        if frame.opcode != CONTINUATION:
            if self.opened is not None:
                yield "The message before it has not ended (5.4)."
            self.opened, self.message = frame.opcode, b""
        self.message += frame.payload
        if frame.final:
            if self.opened == TEXT and not is_text(self.message):
                yield "Text is UTF-8, and this is not (8.1)."
            self.opened, self.message = None, b""


def is_text(data: bytes) -> bool:
    """Say whether these bytes are UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
