"""The service as it is started in earnest, and how the tests talk to it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque

from websockets.sync.client import connect


class Service:
    """``python -m realtime`` and what it says on standard error."""

    def __init__(self, redis_url, *arguments, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "realtime", "--listen", "127.0.0.1:0", *arguments],
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
        status = self.process.wait(seconds)
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
