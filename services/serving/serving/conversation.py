"""One connection under any driver: the contract's rules, carried out.

The driver reports what happens: `open`, `receive`, `end`, `sent`, `expire`, `proceed`. Its own kind of
conversation says how bytes leave (`transmit`), whether more are wanted (`watch`), and how it ends (`shut`,
`drop`); this one says when. All in one thread, but for `wake`, `later`, and `pull` inside of ``work``.
"""

from itertools import count
from math import inf
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, cast

from serving.counters import Count
from serving.listener import Address
from serving.protocol import Output, Peer, Protocol, Waiting
from serving.pull import pull, push

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from serving.driver import Driver

__all__ = ["READING", "TURN", "Conversation"]

#: By these names because `advance` runs for every message, and to look a member up takes time.
IDLE, HEAD, CONTENT, NOTHING, SENT, WORK, WAKE, END = Waiting

#: The states in which the peer is read from.
READING = frozenset({IDLE, HEAD, CONTENT, NOTHING})

#: Pieces of one stream that go out, or connections that come in, before it is the others' turn.
TURN = 16

#: Stands in until a protocol has been made.
NOBODY = Protocol(Peer(("", 0), ("", 0)))


class Conversation(Peer):
    """A peer, its protocol, and how far the two are."""

    __slots__ = ("began", "blocked", "busy", "driver", "ended", "ending", "fault", "gone", "protocol",
                 "pulling", "seen", "told", "woken")  # fmt: skip

    sock: "socket.socket"

    def __init__(self, driver: "Driver", remote: Address) -> None:
        self.driver, self.remote, self.local = driver, remote, driver.local
        self.protocol = NOBODY
        self.seen = monotonic()  # when something last happened that restarts the deadline
        self.began = 0.0  # when the head began that is waited for
        self.blocked = False  # output waits for the peer to read
        self.ended = False  # the peer sends no more
        self.ending = False  # our side is shut down; only the peer's end is waited for
        self.told = False  # the protocol knows that the server drains
        self.woken = False  # somebody wants it resumed
        self.busy = False  # work runs in the pool: hands off the protocol,
        self.pulling: Event | None = None  # unless the work waits for bytes, or for room to send them
        self.fault: BaseException | None = None  # what ended it while it was busy
        self.gone = False  # dropped

    # --- what a driver's own kind of conversation does

    def transmit(self, output: Output) -> bool:
        """Send. False if some of it must wait: it is kept, and `sent` is called when all of it has gone."""
        raise NotImplementedError

    def watch(self, reading: bool) -> None:
        """Read from the peer from now on, or stop doing so."""
        raise NotImplementedError

    def shut(self) -> None:
        """Shut the sending side down. The peer is still read from, for its end."""
        raise NotImplementedError

    def drop(self, *, reset: bool) -> None:
        """Close the socket and forget the conversation; by a reset if the peer is to know of a failure."""
        raise NotImplementedError

    def later(self, what: "Callable[[], None]") -> None:
        """Have something done in the driver's thread, soon. From any thread."""
        raise NotImplementedError

    # --- what the driver reports

    def open(self) -> None:
        """It begins. Nothing was reported before."""
        try:
            self.protocol = self.driver.service.factory(self)
            output = self.protocol.opened()
        except Exception as error:  # noqa: BLE001 - whatever a protocol raises
            self.lose(error)
        else:
            if output or self.protocol.waiting is not IDLE or self.driver.stopping:
                self.settle(output)

    def receive(self, data: bytes) -> None:
        """Bytes have come in."""
        if not self.ending:
            self.act(self.protocol.received, data)

    def end(self) -> None:
        """The peer sends no more."""
        self.ended = True
        if not self.ending:
            try:
                output = self.protocol.ended()
            except Exception as error:  # noqa: BLE001 - whatever a protocol raises
                self.lose(error)
                return
            if output or self.pulling or self.protocol.waiting is not END:
                self.settle(output)
                return
        self.close()

    def sent(self) -> None:
        """All output has gone, or it is this conversation's turn again."""
        self.blocked = False
        self.settle(b"")

    def proceed(self) -> None:
        """Something changed: a wake, or the server drains."""
        if not (self.busy or self.blocked):
            self.settle(b"")

    def patience(self) -> float:
        """How many seconds there may be between ``seen`` and now."""
        if self.blocked:
            return self.driver.limits.unread
        if self.busy:
            return self.driver.limits.content if self.pulling else inf
        return self.driver.deadlines.get(self.protocol.waiting, inf)

    def expire(self) -> None:
        """Patience is at its end."""
        self.seen = monotonic()
        if self.blocked:
            self.lose(TimeoutError("the peer does not read"))
        elif self.ending:
            self.close()
        else:
            self.driver.expired(self.remote, self.protocol.waiting)
            self.act(self.protocol.expired)

    def idle(self) -> bool:
        """Does it wait for the peer to begin something, or to leave?"""
        waiting = self.protocol.waiting
        return (self.ending or waiting is IDLE or waiting is HEAD) and not (self.blocked or self.busy)

    def evict(self) -> None:
        """Its place is needed for somebody else, unless it has got busy since it was chosen."""
        if self.idle() and not self.gone:
            self.driver.count(Count.EVICTED)
            self.close()

    # --- what a protocol does

    def wake(self) -> None:
        if not self.woken:  # else somebody did so already, and it has not been resumed since
            self.woken = True
            self.later(self.proceed)

    def pull(self) -> None:
        if self.ended:
            return
        if not self.busy:
            self.ended = pull(self.sock, self.protocol, self.driver.limits, self.driver.count)
            return
        self.in_driver(self.read_on)

    def push(self, output: Output) -> None:
        if not self.busy:
            push(self.sock, output, self.driver.limits, self.driver.count)
            return
        self.in_driver(lambda pushed: self.send_on(pushed, output))

    def in_driver(self, what: "Callable[[Event], None]") -> None:
        """In a thread of the pool: have the driver do something, and block until it has."""
        done = Event()
        self.later(lambda: what(done))
        done.wait()
        if self.gone:
            raise self.fault or ConnectionAbortedError("the server has closed the connection")

    # --- what follows

    def act(self, method: "Callable[..., Output]", *arguments: bytes) -> None:
        """Call the protocol, and do what follows."""
        try:
            output = method(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever a protocol raises
            self.lose(error)
        else:
            self.settle(output)

    def settle(self, output: Output) -> None:
        """Send, and do what follows, until that is up to the peer, a thread or a wake."""
        try:
            if not self.gone:
                self.advance(output)
        except Exception as error:  # noqa: BLE001 - a reset, or whatever a protocol raises
            self.lose(error)

    def advance(self, output: Output) -> None:
        """`settle`'s steps."""
        for turn in count():
            if output and not self.give(output):
                return
            waiting = self.protocol.waiting
            if self.pulling:
                self.watch(False)
                self.release()
                return
            if waiting is END or (self.ended and waiting in READING):
                self.finish()
                return
            if self.driver.stopping and not self.told:
                self.told = True
                output = self.protocol.stopping()
            elif waiting is SENT or waiting is WORK or self.woken:
                if turn >= TURN:
                    self.give_way()
                    return
                if waiting is WORK and not self.make_call():
                    return
                self.woken = False
                output = self.protocol.resumed()
            else:
                self.await_peer(waiting)
                return

    def give(self, output: Output) -> bool:
        """Send. False if the peer must read first."""
        self.seen = monotonic()
        self.blocked = not self.transmit(output)
        return not self.blocked

    def give_way(self) -> None:
        """It is the others' turn."""
        self.blocked = True
        self.watch(False)
        self.later(self.sent)

    def make_call(self) -> bool:
        """Do the protocol's work, here or in the pool. False if that is to come back."""
        if self.driver.pool:
            self.busy = True
            self.watch(False)
            self.driver.pool.put(self.work)
            return False
        cast("Callable[[], None]", self.protocol.work)()
        return True

    def await_peer(self, waiting: Waiting) -> None:
        """Wait for bytes, or without reading for a wake."""
        if waiting is not HEAD:
            self.seen = monotonic()
        elif self.seen != self.began:  # something happened since that head began, so it is another
            self.seen = self.began = monotonic()
        self.watch(waiting in READING)

    def finish(self) -> None:
        """The protocol has ended. If the peer still sends, a close now could overtake our last bytes."""
        self.told = True  # it need not be
        if self.ended:
            self.close()
        elif not self.ending:
            self.ending, self.seen = True, monotonic()
            self.shut()
            self.watch(True)

    def work(self) -> None:
        """In a thread of the pool: make the blocking call. SystemExit would end nothing but that thread."""
        try:
            cast("Callable[[], None]", self.protocol.work)()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the driver's thread deals with it
            self.fault = error
        self.later(self.worked)

    def worked(self) -> None:
        """The pool gives the protocol back."""
        self.busy = self.woken = False
        if self.gone:
            self.close()
        elif self.fault:
            self.lose(self.fault)
        else:
            self.act(self.protocol.resumed)

    def read_on(self, pulled: Event) -> None:
        """Work in the pool waits for bytes."""
        self.pulling = pulled
        if self.gone or self.ended:
            self.release()
        else:
            self.seen = monotonic()
            self.watch(True)

    def send_on(self, pushed: Event, output: Output) -> None:
        """Work in the pool sends ahead. It goes on when all of it has gone."""
        self.pulling = pushed
        if self.gone:
            self.release()
        else:
            self.settle(output)

    def release(self) -> None:
        """Let the work that waits for the driver go on, if there is any."""
        if self.pulling:
            self.pulling.set()
            self.pulling = None

    def lose(self, error: BaseException) -> None:
        """It broke."""
        if not self.gone:
            self.fault = error
            self.driver.broken(self.remote, error)
            self.close(reset=True)

    def close(self, *, reset: bool = False) -> None:
        """It is over. Of a protocol whose work is in the pool, this waits until it comes back."""
        if not self.gone:
            self.gone = True
            self.drop(reset=reset)
        if self.busy:
            self.release()
            return
        protocol, self.protocol = self.protocol, NOBODY  # which may hold on to us
        try:
            protocol.closed()
        except Exception as error:  # noqa: BLE001 - there is nothing left to reset
            self.driver.broken(self.remote, error)
