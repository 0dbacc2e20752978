"""One TCP connection, with everything that went each way and when.

Who opens and who closes: `converse` does both; nothing is left open when it returns. It goes to the address
that it is given and nowhere else, and ends by itself: when the peer closes, when `finished` says that all is
here, when nothing has come for a while, at the deadline, or at the limit of bytes.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from web.environment import Address
from web.lab.problem import Unreachable
from web.store import explain

__all__ = ["Conversation", "Moment", "converse"]

#: Seconds for the whole conversation: a visitor waits for it, and a thread of the site's.
DEADLINE = 4.0

#: Seconds without a byte after which nothing more is expected.
SILENCE = 1.0

#: The most that is received: more than any answer here, and less than a page can show.
MOST_RECEIVED = 64 * 1024

#: Seconds to wait for a peer that does not read. What the labs send fits a socket's buffer, so that this is
#: rare.
FULL_BUFFER_PAUSE = 0.01

Way = Literal["out", "in", "note"]

#: Looks at all that has come, and returns what that has to be answered with.
Follow = Callable[[bytes], Sequence[bytes]]


@dataclass(frozen=True)
class Moment:
    """Something that happened on the connection."""

    microseconds: int  # since the connection was asked for
    way: Way
    data: bytes = b""
    note: str = ""


@dataclass
class Conversation:
    """A connection's two addresses, and what happened on it, in order."""

    local: str = ""
    remote: str = ""
    moments: list[Moment] = field(default_factory=list)
    start: int = field(default_factory=time.perf_counter_ns)

    @property
    def received(self) -> bytes:
        """Everything that came, joined: the stream, without the pieces that it came in."""
        return b"".join(moment.data for moment in self.moments if moment.way == "in")

    def add(self, way: Way, data: bytes = b"", note: str = "") -> None:
        """Write down what happened just now."""
        now = (time.perf_counter_ns() - self.start) // 1000
        self.moments.append(Moment(now, way, data, note))


def converse(
    address: Address,
    pieces: Sequence[bytes],
    *,
    pause: float = 0.0,
    half_close: bool = True,
    finished: Callable[[bytes], bool] = lambda _: False,
    follow: Follow = lambda _: (),
    deadline: float | None = None,
    silence: float | None = None,
) -> Conversation:
    """Send the pieces, `pause` seconds apart, and listen. Raises `Unreachable`.

    `follow` looks at all that has come, each time that something does, and returns what is to be sent then.
    """
    talk = Conversation()
    times = (deadline or DEADLINE, silence or SILENCE)
    try:
        connection = socket.create_connection(address, timeout=times[1])
    except OSError as error:
        raise Unreachable(
            f"No connection to {address}: {explain(error)} Is it up? The ladder says."
        ) from error
    with connection:
        talk.local = str(Address(*connection.getsockname()[:2]))
        talk.remote = str(Address(*connection.getpeername()[:2]))
        talk.add("note", note="Connected: the three-way handshake is done.")
        # Each piece leaves as it is handed over; otherwise the kernel would wait to join small ones (Nagle).
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        unsent: deque[bytes | None] = deque(piece for piece in pieces if piece)
        if half_close:
            unsent.append(None)
        try:
            Exchange(talk, connection, unsent, pause, finished, follow, *times).run()
        except ConnectionError as error:
            talk.add("note", note=f"{explain(error)} The other side wanted no more of our bytes.")
    return talk


@dataclass
class Exchange:
    """The two directions of one connection, until one of the ends that stand at the top of this file."""

    talk: Conversation
    connection: socket.socket
    unsent: deque[bytes | None]  # None: that was all
    pause: float
    finished: Callable[[bytes], bool]
    follow: Follow
    deadline: float
    silence: float
    room: int = MOST_RECEIVED

    def run(self) -> None:
        """Send each piece when it is due, and take what comes meanwhile."""
        now = time.monotonic()
        deadline, quiet, due = now + self.deadline, now + self.silence, now
        end = ""
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            while not end:
                now = time.monotonic()
                if self.unsent and now >= due:
                    due, quiet = now + self.send(), now + self.silence
                until = min(quiet, deadline, due if self.unsent else deadline)
                if now < deadline and selector.select(max(0.0, until - now)):
                    end = self.receive()
                    quiet = time.monotonic() + self.silence
                elif time.monotonic() >= min(quiet, deadline):
                    silent = time.monotonic() >= quiet
                    end = "Nothing more came, so we close." if silent else "Time is up, so we close."
        left = sum(len(piece) for piece in self.unsent if piece)
        self.talk.add("note", note=f"{end} {left:,} of our bytes were never sent." if left else end)

    def send(self) -> float:
        """Hand the next piece to the kernel; return the seconds to wait before the one after."""
        piece = self.unsent[0]
        if piece is None:
            self.connection.shutdown(socket.SHUT_WR)
            self.talk.add("note", note="That was all from us: we close our half.")
            self.unsent.clear()
            return 0.0
        try:
            sent = self.connection.send(piece)
        except BlockingIOError:
            return FULL_BUFFER_PAUSE
        except ConnectionError as error:
            # What the other side has said before it hung up is still there to be read.
            self.talk.add("note", note=f"{explain(error)} The other side wanted no more of our bytes.")
            self.unsent.clear()
            return 0.0
        self.talk.add("out", piece[:sent])
        if sent < len(piece):
            self.unsent[0] = piece[sent:]
            return FULL_BUFFER_PAUSE
        self.unsent.popleft()
        return self.pause

    def receive(self) -> str:
        """Take what is there; return why this is the end, or nothing."""
        data = self.connection.recv(min(8192, self.room))
        if not data:
            return "The other side has closed."
        self.talk.add("in", data)
        self.room -= len(data)
        if self.room == 0:
            return f"{MOST_RECEIVED:,} bytes are enough, so we close."
        self.unsent.extend(self.follow(self.talk.received))
        if not self.unsent and self.finished(self.talk.received):
            return "All is here, so we close."
        return ""
