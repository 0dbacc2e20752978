"""The call that asks the kernel which descriptors can go on: epoll on Linux, poll elsewhere.

epoll remembers what it watches, so that a call costs what is ready; poll is told all of it in every call.
"""

import select
from collections.abc import Iterable
from typing import Protocol

__all__ = ["READ", "WRITE", "Poll", "Poller", "broken", "open_poller"]

#: The same numbers for both.
READ, WRITE = select.POLLIN, select.POLLOUT


class Poller(Protocol):
    """What `select.epoll` does, as far as we use it. Descriptors are forgotten when they are closed."""

    def register(self, fd: int, events: int) -> None:
        """Watch a descriptor."""

    def modify(self, fd: int, events: int) -> None:
        """Watch it for something else."""

    def unregister(self, fd: int) -> None:
        """Watch it no longer."""

    def poll(self, timeout: float, maxevents: int) -> list[tuple[int, int]]:
        """Wait ``timeout`` seconds at most, -1 for ever. Returns descriptors and what they are ready for."""

    def close(self) -> None:
        """Give everything back."""


class Poll:
    """`select.poll` in epoll's clothes."""

    def __init__(self) -> None:
        self.poller = select.poll()
        self.register, self.modify, self.unregister = (
            self.poller.register, self.poller.modify, self.poller.unregister,
        )  # fmt: skip

    def poll(self, timeout: float, maxevents: int) -> list[tuple[int, int]]:
        """As epoll's, which forgets by itself what has been closed."""
        ready = self.poller.poll(None if timeout < 0 else timeout * 1000)
        for fd, event in ready:
            if event & select.POLLNVAL:
                self.unregister(fd)
        return [(fd, event) for fd, event in ready if not event & select.POLLNVAL][:maxevents]

    def close(self) -> None:
        """Nothing to give back."""


def open_poller() -> Poller:
    """The best that this system has. The caller closes it."""
    return select.epoll() if hasattr(select, "epoll") else Poll()


def broken(fds: Iterable[int]) -> list[int]:
    """Of some connections those that have broken, which the kernel tells whatever it is asked to report."""
    poller = select.poll()
    for fd in fds:
        poller.register(fd, 0)
    return [fd for fd, _ in poller.poll(0)]
