"""The WebSocket lab's client: what it says first, and what it says when something comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from web.lab.anatomy import responses
from web.lab.frame import CLOSE, build, frames
from web.lab.handshake import head_end

__all__ = ["Client", "refused", "switched"]

#: The client's answer to a close has a mask too; this one is as random as any, and easy to see through.
MASK = b"\x12\x34\x56\x78"


@dataclass
class Client:
    """Sends the visitor's frames once the connection is a WebSocket, and answers the server's close."""

    script: Sequence[bytes]
    begun: bool = False
    closed: bool = field(init=False)

    def __post_init__(self) -> None:
        own, _ = frames(b"".join(self.script), from_client=True)
        self.closed = any(frame.opcode == CLOSE for frame in own)

    def __call__(self, received: bytes) -> Sequence[bytes]:
        """Return what is to be sent now."""
        end = head_end(received)
        if end is None:
            return ()
        if not self.begun:
            self.begun = True
            return self.script if switched(received) else ()
        if not self.closed and switched(received):
            return self.answer(received[end:])
        return ()

    def answer(self, received: bytes) -> Sequence[bytes]:
        """RFC 6455, section 5.5.1: whoever gets a close frame and has sent none, sends one back."""
        came, _ = frames(received, from_client=False)
        close = next((frame for frame in came if frame.opcode == CLOSE), None)
        if close is None:
            return ()
        self.closed = True
        return [build(CLOSE, close.payload[:2], mask=MASK)]


def switched(received: bytes) -> bool:
    """Say whether the server has agreed."""
    return received.startswith(b"HTTP/1.1 101")


def refused(received: bytes) -> bool:
    """Say whether it has said why not, to the end."""
    return not switched(received) and any(
        message.complete and not message.interim for message in responses(received, ["GET"])
    )
