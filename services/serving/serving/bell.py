"""A descriptor that one thread, or a signal handler, rings and another waits for."""

import os
from contextlib import suppress
from threading import RLock

__all__ = ["Bell"]


class Bell:
    """Rung any number of times before it is heard, it is heard once. Who makes it closes it."""

    def __init__(self) -> None:
        self.heard, self.rope = os.pipe()
        os.set_blocking(self.heard, False)
        os.set_blocking(self.rope, False)
        self.lock = RLock()  # a signal handler may ring while its own thread does
        self.closed = False

    def fileno(self) -> int:
        """What to wait on for reading."""
        return self.heard

    def ring(self) -> None:
        """From any thread, from a signal handler, and even when it is closed: then nobody hears it."""
        with self.lock, suppress(BlockingIOError):  # rung 65,536 times already
            if not self.closed:
                os.write(self.rope, b"\0")

    def hush(self) -> bytes:
        """Hear it, so that it must be rung anew. Returns what it was rung with."""
        try:
            return os.read(self.heard, 65536)
        except BlockingIOError:  # nobody rang
            return b""

    def close(self) -> None:
        """Give the descriptors back."""
        with self.lock:
            self.closed = True
            os.close(self.heard)
            os.close(self.rope)
