"""The contract between a connection and what answers its requests.

An application is called once a request, as soon as its head is here. ``request.content`` is the content if
it came along (nearly always), else None. What it returns says how to go on:

- a ``Response``: that is the answer, whatever of the content is still on its way;
- a generator: it is sent the content piece by piece, then ``b""``, and returns the response;
- a ``Task``: it may block. The driver runs it where blocking does no harm: when the content has ended, which
  ``request.content`` then is, or so much of it is here as the task is ``worth``; the rest it pulls itself.
"""

from collections.abc import Callable, Generator

from httpd.request import Request
from httpd.response import Response

__all__ = ["Answer", "Application", "Consumer", "Task"]


class Task:
    """A call that may block, for the driver to run.

    ``run`` ends with a response; if it ends without one, or raises, the connection is broken.
    """

    __slots__ = ("response",)

    #: Octets of its content that must be here before it is run, unless that ends earlier.
    worth = 0

    def __init__(self) -> None:
        self.response: Response | None = None

    def run(self) -> None:
        """Set ``response``.

        In the driver's thread for work; everything else is called before, or while it waits in
        ``peer.pull()``.
        """
        raise NotImplementedError

    def feed(self, piece: bytes) -> None:
        """More of the content is here; ``b""`` is its end."""
        raise NotImplementedError

    def fail(self, reason: Exception) -> None:
        """No more of the content will come."""
        raise NotImplementedError


Consumer = Generator[None, bytes, Response]
Answer = Response | Consumer | Task
Application = Callable[[Request], Answer]
