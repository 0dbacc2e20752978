"""One room as one process follows it: each message is read once and becomes one line, the same for all.

A wake-up only says that there is something; the log says what. A hub delivers number N + 1 after N and
nothing else.
"""

from threading import Lock

from rooms import AfterInFuture, Log, Message

from tcp.room import line
from tcp.room.listener import Listener
from tcp.room.presence import Presence

__all__ = ["Hub"]


class Hub:
    """A room, its listeners here, and the number up to which they have heard it.

    `catch_up` and what it calls is the follower's thread's, and the only thing that waits; any thread may use
    the rest.
    """

    def __init__(self, room: str, log: Log, holder: str) -> None:
        self.room, self.log = room, log
        self.presence = Presence(room, log, holder)
        self.lock = Lock()  # guards what follows; a listener's own lock may be taken under it
        self.last = 0
        self.opened = False  # whether `last` is known
        self.everyone: set[Listener] = set()
        self.live: set[Listener] = set()  # those of them that have everything up to `last`, or more

    # --- listeners

    def enter(self, listener: Listener) -> None:
        """Somebody is on the way in. When the room is open, and now and then after that, it is woken."""
        with self.lock:
            self.everyone.add(listener)

    def leave(self, listener: Listener) -> None:
        """It hears nothing more. Its name is another matter."""
        with self.lock:
            self.everyone.discard(listener)
            self.live.discard(listener)

    def begin(self, listener: Listener) -> None:
        """Who wants only what comes from now on: now is here."""
        with self.lock:
            if listener.from_now:
                listener.seen = listener.taken = self.last
                listener.from_now = False

    def admit(self, listener: Listener) -> bool:
        """Let it hear what comes, if it has everything before that."""
        with self.lock:
            if listener.seen < self.last:
                return False
            self.live.add(listener)
            return True

    def tell(self, *lines: bytes) -> None:
        """Say something to everyone that has no place in the order."""
        with self.lock:
            for text in lines:
                for listener in self.live:
                    listener.tell(text)

    def wake_others(self) -> None:
        """Have those who are on the way in try again."""
        with self.lock:
            for listener in self.everyone - self.live:
                listener.wake()

    # --- the log

    def catch_up(self) -> None:
        """Go to where the log is: for the first time, or by delivering what it has beyond us."""
        if self.opened:
            self.read()
        else:
            self.open()

    def open(self) -> None:
        """Find out where the log ends. The wake-ups are heard already, so that nothing falls between."""
        last = self.log.end(self.room)
        self.presence.names = self.log.enter(self.room, [], self.presence.holder)
        with self.lock:
            self.last, self.opened = last, True
        self.wake_others()

    def read(self) -> None:
        """Deliver what the log has beyond us."""
        while True:
            try:
                page = self.log.history(self.room, self.last)
            except AfterInFuture as error:
                self.rewind(error)
                return
            if page.missed:
                self.skip(page.oldest)
            for message in page.messages:
                self.deliver(message)
            if self.last >= page.last:
                return

    def deliver(self, message: Message) -> None:
        """Hand the next message to everyone."""
        text = line.message(message)
        with self.lock:
            self.last = message.number
            for listener in self.live:
                listener.hear(message.number, text)

    def skip(self, oldest: int) -> None:
        """We were away for longer than the room remembers: tell everyone, and go on with what it does."""
        self.tell(line.missed(self.last + 1, oldest - 1))
        with self.lock:
            self.last = oldest - 1

    def rewind(self, error: AfterInFuture) -> None:
        """Redis came back with less than it had: tell everyone, and go on from where it ends."""
        text = line.error(
            f"Redis has lost messages: the room ends at {error.last}, and you have heard {self.last}. "
            "Numbers from here on are new messages."
        )
        with self.lock:
            self.last = error.last
            for listener in self.live:
                listener.rewind(error.last, text)
