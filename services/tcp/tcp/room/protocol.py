"""One connection to a room: bytes in, lines out, and what is waited for.

Whatever happens, `go_on` does what can be done now and says what comes next. What waits for Redis is the
driver's to call, as ``work``: nothing is read meanwhile, so a connection posts one message at a time, in
order.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, cast

from rooms import RoomError, Unavailable
from rooms.flood import Flood, Flooded
from rooms.names import message_text
from serving.protocol import Output, Peer, Protocol, Waiting

from tcp.room import line
from tcp.room.hubs import Hubs
from tcp.room.line import EndlessLineError, Join, LineError, Lines
from tcp.room.seat import Seat

__all__ = ["Room"]

#: What ends a conversation from the client's side, besides the end of file. To say only this is not possible.
QUIT: Final = "QUIT"

#: What a stranger may ask: how the service does. Over HTTP that is `/healthz`. In a room it is a message.
COUNTS: Final = "COUNTS"


class Room(Protocol):
    """Somebody who says JOIN, and then what they have to say."""

    __slots__ = ("clock", "counts", "ending", "flood", "hubs", "lines", "over", "owed", "said", "seat",
                 "stalled", "stopped", "wake", "warned")  # fmt: skip

    def __init__(
        self, peer: Peer, hubs: Hubs, clock: Callable[[], float], counts: Callable[[], Mapping[str, int]]
    ) -> None:
        """``clock`` gives seconds and never goes back, ``counts`` what all processes of the service did."""
        super().__init__(peer)
        self.wake, self.hubs, self.clock, self.counts = peer.wake, hubs, clock, counts
        self.lines = Lines()
        self.flood = Flood(hubs.settings.posts, hubs.settings.burst, clock())
        self.seat: Seat | None = None
        self.said: list[bytes] = []  # what waits to be sent, beside what the room says
        self.owed = 0  # the number of our last own message: its line, which is its acknowledgement, must come
        self.ending = False  # we go, when all is said and heard
        self.stopped = False  # it is the server that goes
        self.over = False  # nothing more is said or heard
        self.stalled = False  # Redis did not answer; the follower wakes us to try again
        self.warned = False  # the peer knows that

    # --- what the driver calls

    def opened(self) -> Output:
        return line.HELLO

    def received(self, data: bytes) -> Output:
        self.lines.feed(data)
        return self.go_on()

    def resumed(self) -> Output:
        return self.go_on()

    def ended(self) -> Output:
        self.ending = True
        return self.go_on()

    def stopping(self) -> Output:
        self.ending = self.stopped = True
        return self.go_on()

    def expired(self) -> Output:
        self.waiting = Waiting.END
        return line.error("Nobody said JOIN for a long time, so this connection is closed.")

    def closed(self) -> None:
        if self.seat:
            self.seat.give_up()

    # --- what follows

    def go_on(self) -> bytes:
        """Do what can be done now, and say it."""
        heard = self.hear()
        self.waiting = self.step()
        said, self.said = self.said, []
        return b"".join(heard + said)

    def hear(self) -> list[bytes]:
        """What the room says."""
        if self.seat is None:
            return []
        listener = self.seat.listener
        heard = listener.take()
        if listener.rewound:
            self.owed, listener.rewound = 0, False
        if listener.slow and not self.over:
            self.over = True
            self.fail(f"More waits for you than you read. {self.seat.come_back()}")
        return heard

    def step(self) -> Waiting:
        """The next thing to do."""
        if self.over:
            return Waiting.END
        if self.seat and not self.seat.live:
            return self.enter(self.seat)
        return self.obey() or self.listen()

    def enter(self, seat: Seat) -> Waiting:
        """Somebody said JOIN, and is not in yet: what they say waits. While Redis is gone it is refused."""
        if self.stopped:
            return self.leave()
        if seat.hub.opened and not self.stalled:
            if not seat.welcomed:
                self.said.append(seat.welcome())
            return self.do(self.catch_up)
        self.stalled = False
        if not self.hubs.lost:
            return Waiting.WAKE
        if not self.warned:
            self.warned = True
            self.fail("Redis, which keeps the rooms, does not answer. Stay: you are in when it does.")
        return self.obey() or self.listen()

    def listen(self) -> Waiting:
        """There is nothing to do."""
        if self.ending:
            return self.leave()
        return Waiting.NOTHING if self.seat else Waiting.IDLE

    def leave(self) -> Waiting:
        """Go, but hear first that what was said has been heard, and then have the others know."""
        seat = self.seat
        if seat and not seat.left:
            if self.owed > seat.listener.taken and not self.hubs.lost:
                return Waiting.WAKE
            return self.do(seat.leave)
        if self.stopped:
            self.said.append(
                line.notice(f"The server stops. {seat.come_back() if seat else 'Come back soon.'}")
            )
        elif self.lines.rest:
            self.fail("The last line has no end, so it may not be all of it. It was not posted.")
        elif seat:
            self.said.append(line.notice(f"You have left. {seat.come_back()}"))
        return Waiting.END

    def obey(self) -> Waiting | None:
        """Take one line after the other, until one takes time."""
        while not self.over:
            try:
                text = self.lines.next()
                if text is None:
                    return None
                if work := self.read(text):
                    return self.do(work)
            except (EndlessLineError, Flooded) as error:
                self.over = True
                self.fail(str(error) or "You were told to slow down, and did not; this connection is closed.")
            except RoomError as error:
                self.fail(error)
        return Waiting.END

    def read(self, data: bytes) -> Callable[[], None] | None:
        """What a line wants done. Raises ``RoomError`` or `Flooded`."""
        if not self.flood.admits(self.clock()):
            raise LineError(
                f"No more than {self.hubs.settings.posts} lines a second; this one was not posted."
            )
        text = line.decode(data)
        if text == QUIT:
            self.ending, self.lines = True, Lines()
            return None
        if self.seat is None and text == COUNTS:
            self.said.append(line.counts(self.counts()))
            return None
        if self.seat is None:
            return partial(self.join, line.read_join(text))
        if not self.seat.live:
            raise LineError("You are not in yet. This was not posted; say it again when you are.")
        return partial(self.post, message_text(text))

    def fail(self, problem: RoomError | str) -> None:
        """Say what went wrong."""
        self.said.append(line.error(problem))

    # --- what waits for Redis: nothing else is called while it does

    def do(self, call: Callable[[], None]) -> Waiting:
        """Have it called, and go on after it."""
        self.work = partial(self.attempt, call)
        return Waiting.WORK

    def attempt(self, call: Callable[[], None]) -> None:
        """Call it. If that does not do what it should, say so."""
        try:
            call()
        except RoomError as error:
            self.fail(error)

    def join(self, join: Join) -> None:
        """Take a seat."""
        self.seat = Seat(self.hubs, join, self.wake)

    def catch_up(self) -> None:
        """Come nearer to where the room is."""
        try:
            cast("Seat", self.seat).catch_up()
        except Unavailable:
            self.stalled = True

    def post(self, text: str) -> None:
        """Say it in the room."""
        try:
            self.owed = cast("Seat", self.seat).post(text)
        except Unavailable as error:
            self.fail(f"Not posted, as far as is known. {error}")
