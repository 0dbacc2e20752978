"""Who waits for whom, where both sides are greenlets of one process: for a condition, not for a time."""

from time import monotonic

import gevent

__all__ = ["Taken", "send_apart", "until"]


def until(what, condition, seconds=15.0):
    """Let the others have their turns until the condition is true."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, f"no {what} within {seconds} s"
        gevent.sleep(0.001)


class Taken:
    """Counts the bytes that a client has taken from its connection."""

    def __init__(self, connection):
        self.count = 0
        self._receive, connection._receive = connection._receive, self._take

    def _take(self, size):
        data = self._receive(size)
        self.count += len(data)
        return data


def send_apart(peer, pieces, taken):
    """Send each piece when the one before was taken, so that none is read together with another."""
    for piece in pieces:
        whole = taken.count + len(piece)
        peer.sendall(piece)
        until("piece that is read", lambda whole=whole: taken.count >= whole)
