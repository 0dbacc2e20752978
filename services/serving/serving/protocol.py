"""The contract between a protocol and the driver that moves its bytes.

A protocol is an object without sockets, clocks, threads or ``async``. The driver calls it; it returns the
bytes to send and sets ``waiting``, read after each call, to what it waits for. Deadlines are the driver's.

1. One call at a time: no two methods of one protocol ever run at once, in any model, so it needs no lock.
2. What a method returns goes to the kernel first, all of it, in order; only then does the driver act on
   ``waiting``. Until the peer took it nothing more is read: a connection buffers one `Output` at most.
3. ``closed()`` comes last, once, however it ended. Any other method's exception resets the connection.
"""

from collections.abc import Callable, Sequence
from enum import Enum

from serving.file_slice import FileSlice

__all__ = ["Factory", "FileSlice", "Output", "Peer", "Protocol", "Waiting"]


class Waiting(Enum):
    """What a protocol waits for when its output has been sent; what is called then; its deadline."""

    IDLE = "the next message, of which nothing has come: received(); restarts with every byte"
    HEAD = "the rest of a head: received(); restarts only with output, so that it bounds the whole head"
    CONTENT = "more content of a message: received(); restarts with every byte"
    NOTHING = "bytes are welcome but none are due: received(); no deadline"
    SENT = "only that its output is sent: resumed(); a long response streams so, piece by piece"
    WORK = "that the blocking call in `work` has returned: resumed(); nothing is read meanwhile"
    WAKE = "peer.wake(): resumed(); nothing is read meanwhile; no deadline"
    END = "the end: sending is shut down, what still comes in is discarded, the connection is closed"

    __hash__ = object.__hash__  # an Enum's own is a call in Python; drivers look these up all the time


Output = bytes | Sequence[bytes | memoryview | FileSlice]  #: to send: bytes is the quick way, b"" is nothing


class Peer:
    """The other side, as the driver knows it: what a protocol's factory is given."""

    __slots__ = ("local", "remote")

    def __init__(self, remote: tuple[str, int], local: tuple[str, int]) -> None:
        self.remote, self.local = remote, local  # local is the listener's address

    def wake(self) -> None:
        """Have ``resumed()`` called soon, whatever is waited for. From any thread, as often as one likes."""
        raise NotImplementedError

    def pull(self) -> None:
        """Only in ``work``, to read on: block until received(), ended() or expired() was called."""
        raise NotImplementedError

    def push(self, output: Output) -> None:
        """Only in ``work`` or before an output is returned: send ahead, block until the kernel has it all."""
        raise NotImplementedError


class Protocol:
    """One connection. A subclass answers `received`; the other methods have a sensible default."""

    __slots__ = ("waiting", "work")

    def __init__(self, peer: Peer) -> None:  # noqa: ARG002 - for those that wake, pull or name the peer
        self.waiting = Waiting.IDLE
        self.work: Callable[[], None] | None = None  # set it before ``waiting`` is WORK

    def opened(self) -> Output:
        """The connection stands. What this returns greets the peer."""
        return b""

    def received(self, data: bytes) -> Output:
        """Bytes came in, one or more: a piece of the stream, cut anywhere."""
        raise NotImplementedError

    def resumed(self) -> Output:
        """Go on, after SENT, WORK or a wake."""
        return b""

    def ended(self) -> Output:
        """End of file, once: the peer sends no more but may still read. Wait for no more bytes."""
        self.waiting = Waiting.END
        return b""

    def expired(self) -> Output:
        """The deadline of what was waited for has passed; who waits on gets the same time again."""
        self.waiting = Waiting.END
        return b""

    def stopping(self) -> Output:
        """The server drains; it closes this connection once it has been IDLE for a moment."""
        return b""

    def closed(self) -> None:
        """The connection is gone. Close files, leave rooms."""


Factory = Callable[[Peer], Protocol]
