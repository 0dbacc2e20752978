"""Everybody who may be in a room, one of each kind, through nginx; and an account of what each of them hears.

A listener comes back whenever something breaks, with the number that it has seen last, as a page does. What
it hears must be 1, 2, 3 …, whatever happens in between.
"""

import contextlib
import http.client
import json
import random
import secrets
import socket
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from wire.http import fetch
from wire.lines import Talker
from wire.stack import Base, Stack
from wire.tcp import DEADLINE
from wire.wait import wait_for

__all__ = ["Crowd", "Listener", "crowd", "tight"]

#: The last message of a conversation, after which every listener goes.
END = "the end"

#: How far the slowest listener may be behind: half of what a room remembers, or it could not have everything.
BEHIND = 500

#: How a connection breaks, or a service says that it can't serve now. (`Talker` asserts that lines go on.)
BROKEN = (OSError, http.client.HTTPException, WebSocketException, AssertionError)


class RefusedError(OSError):
    """An answer that is not 200."""


class Listener(threading.Thread):
    """One who listens until the end. A subclass yields what one connection brings."""

    def __init__(self, stack: Stack, room: str) -> None:
        super().__init__(name=type(self).__name__, daemon=True)
        self.stack, self.site, self.room = stack, stack.site, room
        self.texts: list[str] = []
        self.wrong: Any = None  # the first message that was not the next one
        self.connections = 0
        self.broken: Exception | None = None  # by what, lastly
        self.done = threading.Event()

    @property
    def seen(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"{self.name} (at {self.seen}, connected {self.connections} times, broken by {self.broken!r})"

    def run(self) -> None:
        while not self.done.is_set():
            try:
                with contextlib.closing(self.messages()) as messages:
                    for number, text in messages:
                        self.take(number, text)
                        if self.done.is_set():
                            return
            except BROKEN as error:
                self.broken = error
            self.done.wait(random.uniform(0.05, 0.3))

    def take(self, number: int, text: str) -> None:
        if number != self.seen + 1:
            self.wrong = self.wrong or (self.seen, number, text)
        self.texts.append(text)
        if text == END:
            self.done.set()

    def messages(self) -> Generator[tuple[int, str], None, None]:
        """What follows `seen`, over one connection, until it ends or breaks."""
        raise NotImplementedError


class Frames(Listener):
    """Listens over a WebSocket."""

    def messages(self) -> Generator[tuple[int, str], None, None]:
        url = self.site.websocket(f"/ws/rooms/{self.room}?after={self.seen}")
        with connect(url, open_timeout=DEADLINE, close_timeout=1, ping_interval=None) as client:
            self.connections += 1
            while not self.done.is_set():
                with contextlib.suppress(TimeoutError):
                    frame = json.loads(client.recv(1))
                    if frame["type"] == "message":
                        yield frame["number"], frame["text"]


class Events(Listener):
    """Reads one response that never ends."""

    def messages(self) -> Generator[tuple[int, str], None, None]:
        path = f"/rooms/{self.room}/events?after={self.seen}"
        connection = http.client.HTTPConnection(self.site.host, self.site.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            with connection.getresponse() as response:
                if response.status != 200:
                    raise RefusedError(response.status)
                self.connections += 1
                for line in response:
                    name, _, value = line.decode().partition(": ")
                    if name == "data" and (data := json.loads(value))["type"] == "message":
                        yield data["number"], data["text"]


class Answers(Listener):
    """Asks again and again."""

    every = 0.2
    question = "/rooms/{room}/messages?after={seen}"

    def messages(self) -> Generator[tuple[int, str], None, None]:
        while not self.done.is_set():
            response = fetch(self.site, self.question.format(room=self.room, seen=self.seen))
            if response.status != 200:
                raise RefusedError(response.status)
            self.connections += 1
            for message in json.loads(response.text)["messages"]:
                yield message["number"], message["text"]
            self.done.wait(self.every)


class LongAnswers(Answers):
    """Asks, and the answer waits."""

    every = 0
    question = "/rooms/{room}/wait?after={seen}&timeout=5"


class Lines(Listener):
    """Listens with ``nc``."""

    def messages(self) -> Generator[tuple[int, str], None, None]:
        with Talker.joined(self.stack.tcp("room", "nginx"), self.room, "listener", self.seen) as talker:
            self.connections += 1
            while not self.done.is_set():
                number, _, text = talker.message()
                yield number, text


class Poster(threading.Thread):
    """Posts until told to stop. What was acknowledged is in `posted`, by number."""

    def __init__(self, site: Base, room: str, text: str, every: float, listeners: Sequence[Listener]) -> None:
        super().__init__(name="Poster", daemon=True)
        self.site, self.path, self.text, self.every = site, f"/rooms/{room}/messages", text, every
        self.listeners = listeners
        self.posted: dict[int, str] = {}
        self.failures = 0
        self.done = threading.Event()

    def run(self) -> None:
        attempt = 0
        while not self.done.wait(self.every):
            if max(self.posted, default=0) < min(each.seen for each in self.listeners) + BEHIND:
                attempt += 1
                self.post(f"{attempt} {self.text}")

    def post(self, text: str) -> bool:
        content = json.dumps({"author": "poster", "text": text}).encode()
        try:
            answer = fetch(self.site, self.path, "POST", content, {"Content-Type": "application/json"})
        except BROKEN:
            self.failures += 1
            return False
        if answer.status != 201:
            self.failures += 1
            return False
        self.posted[json.loads(answer.text)["number"]] = text
        return True


class Crowd:
    """A conversation that goes on while a test breaks something."""

    def __init__(self, stack: Stack, text: str = "", every: float = 0.01, posters: int = 1) -> None:
        self.room = f"test-{secrets.token_hex(4)}"
        kinds = (Frames, Frames, Frames, Events, Events, LongAnswers, Answers, Lines)
        self.listeners = [kind(stack, self.room) for kind in kinds]
        self.posters = [Poster(stack.site, self.room, text, every, self.listeners) for _ in range(posters)]

    @property
    def posted(self) -> dict[int, str]:
        """All that was acknowledged, by number."""
        return {number: text for poster in self.posters for number, text in poster.posted.copy().items()}

    @property
    def lasting(self) -> Iterable[Listener]:
        """Those whose connections last: a fault that ends connections ends theirs."""
        return [listener for listener in self.listeners if not isinstance(listener, Answers)]

    def goes_on(self, count: int = 20) -> None:
        """Wait until so many more messages are acknowledged, and everybody has heard as many."""
        wanted = len(self.posted) + count
        wait_for(f"posts to {self.listeners} to go on", lambda: len(self.posted) >= wanted, seconds=60)
        for each in self.listeners:
            wait_for(f"{each} to hear number {wanted}", lambda each=each: each.seen >= wanted, seconds=60)  # type: ignore[misc] # a lambda's default

    def account(self) -> None:
        """End the conversation. Everybody has heard everything, once and in order."""
        for poster in self.posters:
            poster.done.set()
        for poster in self.posters:
            poster.join(60)
        wait_for("the end to be posted", lambda: self.posters[0].post(END), seconds=60)
        posted = self.posted
        for listener in self.listeners:
            listener.join(60)
        for listener in self.listeners:
            assert not listener.is_alive(), f"{listener.name} stopped at {listener.seen}"
            assert listener.wrong is None, f"{listener.name}: (seen, number, text) {listener.wrong}"
            heard = {number: listener.texts[number - 1] for number in posted}
            assert heard == posted, f"{listener.name} has not heard what was acknowledged"


@contextmanager
def crowd(stack: Stack, text: str = "", every: float = 0.01, posters: int = 1) -> Iterator[Crowd]:
    """A conversation under way; at the end every listener is asked for its account."""
    talking = Crowd(stack, text, every, posters)
    with ExitStack() as ending:
        for thread in (*talking.posters, *talking.listeners):
            thread.start()
            ending.callback(thread.done.set)
        talking.goes_on()
        yield talking
        talking.goes_on()
        talking.account()


def tight(address: tuple[str, int]) -> socket.socket:
    """A connection whose kernel takes little, so that little has to be sent to fill it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(DEADLINE)
    sock.connect(address)
    return sock
