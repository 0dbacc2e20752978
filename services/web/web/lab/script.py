r"""What a visitor writes to have frames sent: one line a frame, which may be as wrong as they like.

::

    text: Hello                     kind, colon, payload; \xHH and the other escapes are single bytes
    text more: Hel                  FIN 0: there is more to come
    continuation: lo
    binary rsv1: \x00\xff           a reserved bit
    ping unmasked: {a*126}          without a mask; 126 times the letter a
    opcode-3: what is this
    close: 1000 good-bye            a code and a reason; nothing at all is a close without a code
    hex: 88 81 00 00 00 00 03       exactly these bytes
"""

import re
import secrets

from web.lab.frame import CLOSE, OPCODES, build
from web.lab.problem import BadInput
from web.lab.typed import escaped, from_hex

__all__ = ["MOST_BYTES", "MOST_FRAMES", "compose"]

#: Each is drawn on the page.
MOST_FRAMES = 24

#: Bytes of all frames: more than the 64 KiB that a message may have, so that one can see that refused.
MOST_BYTES = 68 * 1024

LINE = re.compile(r"([\w -]+?)\s*:(?: (.*)|(.*))", re.DOTALL)
REPEATED = re.compile(r"\{(\\x[0-9a-fA-F]{2}|.)\*([0-9]{1,5})\}")
CODE = re.compile(r"([0-9]{1,5})(?: (.*))?", re.DOTALL)

KINDS = {name: number for number, name in OPCODES.items()}
FLAGS = {"more", "unmasked", "rsv1", "rsv2", "rsv3"}


def compose(text: str) -> list[bytes]:
    """Return the frames' bytes, in order. Raises `BadInput` with the line that it does not understand."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_FRAMES:
        raise BadInput(f"These are {len(lines)} frames; the lab sends {MOST_FRAMES} at most.")
    pieces = [frame(line) for line in lines]
    size = sum(map(len, pieces))
    if size > MOST_BYTES:
        raise BadInput(f"The frames are {size:,} bytes together; the lab sends {MOST_BYTES:,} at most.")
    return pieces


def frame(line: str) -> bytes:
    """Return one frame's bytes."""
    match = LINE.fullmatch(line)
    kind, *flags = match[1].lower().split() if match else [""]
    payload = (match[2] or match[3] or "") if match else ""
    if kind == "hex":
        return from_hex(payload)
    unknown = sorted(set(flags) - FLAGS)
    opcode = number(kind)
    if opcode is None or unknown:
        raise BadInput(
            f"The line “{line[:60]}” is no frame. Write a kind ({', '.join(KINDS)}, opcode-3 or hex), then "
            f"what is special about it ({', '.join(sorted(FLAGS))}), a colon, and the payload."
        )
    return build(
        opcode,
        closing(payload) if opcode == CLOSE else spelled(payload),
        final="more" not in flags,
        reserved=sum(4 >> place for place in range(3) if f"rsv{place + 1}" in flags),
        mask=b"" if "unmasked" in flags else secrets.token_bytes(4),
    )


def number(kind: str) -> int | None:
    """Return the opcode that a word stands for."""
    if kind.startswith("opcode-") and kind[7:].isascii() and kind[7:].isdigit() and int(kind[7:]) < 16:
        return int(kind[7:])
    return KINDS.get(kind)


def spelled(payload: str) -> bytes:
    """Return the payload's bytes."""
    return escaped(REPEATED.sub(lambda match: match[1] * int(match[2]), payload))


def closing(payload: str) -> bytes:
    """Return a close frame's payload: two bytes for the code, and the reason."""
    match = CODE.fullmatch(payload.strip())
    if not match:
        return spelled(payload)
    if int(match[1]) > 0xFFFF:
        raise BadInput(f"A close code has two bytes; {match[1]} does not fit.")
    return int(match[1]).to_bytes(2) + spelled(match[2] or "")
