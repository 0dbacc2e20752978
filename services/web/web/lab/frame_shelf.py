"""The WebSocket lab's shelf: conversations to pick, the well-formed ones and the others."""

from dataclasses import dataclass

__all__ = ["FRAME_SHELF", "HANDSHAKE", "SHELVES", "Talk"]

HANDSHAKE = """\
GET {path} HTTP/1.1
Host: {host}
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: {key}
Sec-WebSocket-Version: 13"""

BYE = "close: 1000 good-bye"


@dataclass(frozen=True)
class Talk:
    """A conversation to pick: to whom, the handshake, and the frames after it."""

    slug: str
    title: str
    look: str
    frames: str = f"text: Hello\n{BYE}"
    handshake: str = HANDSHAKE
    to: str = "echo"


WELL_FORMED = [
    Talk("hello", "Hello, and good-bye", "A message there and back, and a close that both sides say."),
    Talk(
        "ping",
        "Ping",
        "A pong brings back what the ping carried, and no program has to do anything for it.",
        f"ping: still there?\ntext: Hello\nping:\n{BYE}",
    ),
    Talk(
        "fragments",
        "One message in three frames",
        "FIN is 0 until the last. A ping may come between; another message may not.",
        f"text more: Hel\nping: in between\ncontinuation more: lo, \ncontinuation: world\n{BYE}",
    ),
    Talk(
        "binary",
        "Bytes",
        "What is binary stays binary. Nobody looks inside.",
        f"binary: \\x00\\x01\\xfe\\xff\n{BYE}",
    ),
    Talk(
        "long",
        "300 bytes",
        "Seven bits count to 125. 126 in their place says: the length is in the next two bytes.",
        f"text: {{a*300}}\n{BYE}",
    ),
    Talk(
        "once",
        "Echo, once",
        "Now the server closes: it says so first, and the client answers.",
        "text: only once",
        to="echo-once",
    ),
    Talk(
        "room",
        "A room",
        "JSON in text frames. The push lab's panes hear this message too.",
        f'text: {{"author": "wire", "text": "Hello from a hand-made frame"}}\n{BYE}',
        to="room",
    ),
    Talk(
        "no-code",
        "A close without a code",
        "It is allowed. A program is then told 1005, which no frame may hold.",
        "text: Hello\nclose:",
    ),
    Talk(
        "no-close",
        "Just leaving",
        "No close frame, only the end of the connection: a program is told 1006.",
        "text: Hello",
    ),
]

MALFORMED = [
    Talk(
        "unmasked",
        "No mask",
        "The mask keeps a script from choosing bytes on the wire that a proxy takes for a request.",
        f"text unmasked: Hello\n{BYE}",
    ),
    Talk(
        "reserved",
        "A reserved bit",
        "RSV1 means compression, where both sides have agreed on it. Here nobody has.",
        f"text rsv1: Hello\n{BYE}",
    ),
    Talk(
        "opcode",
        "An unknown opcode",
        "3 to 7 and 11 to 15 are kept for a later version that has not come.",
        f"opcode-3: Hello\n{BYE}",
    ),
    Talk(
        "fragmented-ping",
        "A fragmented ping",
        "A control frame is whole, so that it can come in the middle of something.",
        f"ping more: Hel\ncontinuation: lo\n{BYE}",
    ),
    Talk(
        "big-ping",
        "A ping of 126 bytes",
        "A control frame never needs a longer length: 125 bytes is all.",
        f"ping: {{a*126}}\n{BYE}",
    ),
    Talk(
        "utf-8",
        "Text that is none",
        "c3 begins a character of two bytes; 28 is not its second.",
        f"text: \\xc3\\x28\n{BYE}",
    ),
    Talk(
        "nothing-to-continue",
        "Nothing to continue",
        "A continuation, and no message before it.",
        f"continuation: lo\n{BYE}",
    ),
    Talk(
        "interrupted",
        "A message in a message",
        "The first has not ended when the second begins.",
        f"text more: Hel\ntext: Hello\n{BYE}",
    ),
    Talk(
        "1005",
        "Close code 1005",
        "It stands for “there was no code”. So no frame may hold it.",
        "text: Hello\nclose: 1005",
    ),
    Talk(
        "half-code",
        "Half a close code",
        "A code is two bytes. This frame has one.",
        "hex: 88 81 00 00 00 00 03",
    ),
    Talk(
        "too-big",
        "64 KiB and a byte",
        "The length takes eight bytes more, and the server has a limit.",
        f"binary: {{a*65537}}\n{BYE}",
    ),
    Talk(
        "padded",
        "A length with zeros",
        "Five in two bytes. It must not be, and not everyone minds.",
        f"hex: 81 fe 00 05 00 00 00 00 48 65 6c 6c 6f\n{BYE}",
    ),
]

HANDSHAKES = [
    Talk(
        "version",
        "Version 8",
        "A draft of 2010. The answer names the version that is spoken.",
        handshake=HANDSHAKE.replace(": 13", ": 8"),
    ),
    Talk(
        "no-key",
        "No key",
        "Nothing to prove anything with.",
        handshake=HANDSHAKE.replace("Sec-WebSocket-Key: {key}\n", ""),
    ),
    Talk(
        "short-key",
        "A short key",
        "Base64, but of 5 bytes in place of 16.",
        handshake=HANDSHAKE.replace("{key}", "SGVsbG8="),
    ),
    Talk(
        "no-upgrade",
        "No Upgrade",
        "Then it is a request like any other, for a page that does not exist.",
        handshake=HANDSHAKE.replace("Upgrade: websocket\nConnection: Upgrade\n", ""),
    ),
    Talk("post", "POST", "A handshake is a GET.", handshake=HANDSHAKE.replace("GET", "POST")),
    Talk(
        "foreign",
        "From another site's page",
        "A browser names the page in Origin. This one is not ours.",
        handshake=f"{HANDSHAKE}\nOrigin: http://evil.example",
    ),
    Talk(
        "nowhere",
        "Nobody there",
        "The handshake is right, the address is not.",
        handshake=HANDSHAKE.replace("{path}", "/ws/nowhere"),
    ),
]

SHELVES = [
    ("Well-formed", WELL_FORMED),
    ("Malformed frames", MALFORMED),
    ("Malformed handshakes", HANDSHAKES),
]
FRAME_SHELF = {talk.slug: talk for _, talks in SHELVES for talk in talks}
