"""The service as it is started in earnest, and how the tests talk to it."""

import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque

import pytest
from rooms import Log, Unavailable
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect


class Service:
    """``python -m realtime`` and what it says on standard error."""

    def __init__(self, redis_url, *arguments, prefix=(), module="realtime", **environment):
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", module, "--listen", "127.0.0.1:0", *arguments],
            env={**os.environ, "REDIS_URL": redis_url, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines = deque()
        self.port = None
        self.reading = threading.Thread(target=self.read, daemon=True)
        self.reading.start()
        until(lambda: self.port or self.process.poll() is not None, 30)
        assert self.port, self.log

    def read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            if line.startswith("listening on "):
                self.port = int(line.rpartition(":")[2])

    @property
    def log(self):
        return "".join(self.lines)

    def stop(self, seconds=15):
        """Ask it to stop; returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"It did not stop.\n{self.log}")
        self.reading.join(5)
        self.process.stderr.close()
        return status

    def kill(self):
        self.process.kill()
        self.process.wait(5)
        self.reading.join(5)
        self.process.stderr.close()

    def get(self, path, **headers):
        """An HTTP GET: status, headers, content."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as response:
            with response:
                return response.status, response.headers, response.read()

    def health(self):
        status, _, content = self.get("/healthz")
        return status, json.loads(content)

    def connect(self, path, **options):
        return connect(f"ws://127.0.0.1:{self.port}{path}", compression=None, **options)

    @contextlib.contextmanager
    def room(self, room, **query):
        """A connection to a room, after its welcome."""
        words = "&".join(f"{name}={value}" for name, value in query.items())
        with self.connect(f"/ws/rooms/{room}?{words}") as client:
            assert hear(client)["type"] == "welcome"
            yield client


@contextlib.contextmanager
def crowd(service, path, count):
    """Several connections to the same address."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(service.connect(path)) for _ in range(count)]


class Listener(threading.Thread):
    """Listens for ever, as a page does: whatever breaks, it comes back with the number that it saw last.

    Each message must be the next one; the first that is not is kept in ``wrong``.
    """

    def __init__(self, service, room):
        super().__init__(daemon=True)
        self.service, self.room = service, room
        self.texts, self.wrong, self.connections = [], None, 0
        self.done = threading.Event()
        self.start()

    def run(self):
        while not self.done.is_set():
            try:
                with self.service.connect(
                    f"/ws/rooms/{self.room}?after={len(self.texts)}", open_timeout=2, close_timeout=0.1
                ) as client:
                    self.connections += 1
                    self.listen(client)
            except (OSError, WebSocketException):
                self.done.wait(random.uniform(0.05, 0.3))

    def listen(self, client):
        while not self.done.is_set():
            with contextlib.suppress(TimeoutError):
                frame = hear(client, 0.2)
                if frame["type"] == "message":
                    if frame["number"] != len(self.texts) + 1:
                        self.wrong = self.wrong or (len(self.texts), frame)
                    self.texts.append(frame["text"])


class Poster(threading.Thread):
    """Posts for ever; what was acknowledged is in ``posted``, by number."""

    def __init__(self, url, room):
        super().__init__(daemon=True)
        self.url, self.room = url, room
        self.posted, self.failures = {}, 0
        self.done = threading.Event()
        self.start()

    def run(self):
        with contextlib.closing(Log(self.url)) as log:
            for attempt in itertools.count():
                if self.done.is_set():
                    return
                try:
                    message = log.post(self.room, "poster", f"text {attempt}")
                    self.posted[message.number] = message.text
                    self.done.wait(0.002)
                except Unavailable:
                    self.failures += 1
                    self.done.wait(0.05)


@contextlib.contextmanager
def accounted(service, redis, room, listeners):
    """Posts and listens while the caller breaks something; afterwards every listener has everything."""
    posting = Poster(redis.url, room)
    listening = [Listener(service, room) for _ in range(listeners)]
    try:
        until(lambda: all(len(listener.texts) > 20 for listener in listening))
        yield posting, listening
        count = len(posting.posted)
        until(lambda: len(posting.posted) > count + 50, 20)
        posting.done.set()
        posting.join(10)
        with contextlib.closing(Log(redis.url)) as log:
            end = log.end(room)
        until(lambda: all(len(listener.texts) >= end for listener in listening), 20)
        for listener in listening:
            assert listener.wrong is None
            assert len(listener.texts) == end
            assert {number: listener.texts[number - 1] for number in posting.posted} == posting.posted
    finally:
        for thread in (posting, *listening):
            thread.done.set()
        for thread in (posting, *listening):
            thread.join(10)


def hear(client, seconds=10):
    """The next frame of a room."""
    return json.loads(client.recv(seconds))


def say(client, **fields):
    client.send(json.dumps(fields))


def numbers(client, count):
    """The numbers of the next ``count`` messages; whatever else comes between is passed over."""
    heard = []
    while len(heard) < count:
        frame = hear(client)
        if frame["type"] == "message":
            heard.append(frame["number"])
    return heard


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.01)
    return result
