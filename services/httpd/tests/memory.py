"""A driver without sockets: it keeps the contract of ``serving.protocol`` and collects what is sent."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from httpd.application import Answer
from httpd.limits import Limits
from httpd.request import Request
from httpd.response import Response
from httpd.service import Service
from serving.counters import Count
from serving.protocol import FileSlice, Output, Peer, Waiting

READING = {Waiting.IDLE, Waiting.HEAD, Waiting.CONTENT, Waiting.NOTHING}


class MemoryPeer(Peer):
    """The peer that a connection under test sees; ``pull`` takes the next of the pieces that are due."""

    __slots__ = ("driver",)

    def pull(self) -> None:
        self.driver.pull()

    def push(self, output: Output) -> None:
        self.driver.take(output)


class Memory:
    """One connection, driven by hand."""

    def __init__(self, service: Service) -> None:
        peer = MemoryPeer(("127.0.0.1", 50000), ("127.0.0.1", 80))
        peer.driver = self
        self.connection = service(peer)
        self.sent = bytearray()
        self.due: list[bytes] = []
        self.settle(self.connection.opened())

    @property
    def requests(self) -> int:
        """How many were counted."""
        return self.connection._service.board.mine[Count.REQUESTS]

    @property
    def waiting(self) -> Waiting:
        return self.connection.waiting

    def take(self, output: Output) -> None:
        for part in (output,) if isinstance(output, bytes) else output:
            self.sent += (
                os.pread(part.descriptor, part.size, part.offset) if isinstance(part, FileSlice) else part
            )

    def settle(self, output: Output) -> None:
        self.take(output)
        while self.waiting in (Waiting.SENT, Waiting.WORK):
            if self.waiting is Waiting.WORK:
                assert self.connection.work is not None
                self.connection.work()
            self.take(self.connection.resumed())

    def pull(self) -> None:
        """As a driver does while work waits: hand on one piece, or the end."""
        if self.due:
            self.take(self.connection.received(self.due.pop(0)))
        else:
            self.take(self.connection.ended())

    def receive(self, *pieces: bytes) -> "Memory":
        """Have the pieces come in, one after the other, as long as they are wanted."""
        self.due.extend(pieces)
        while self.due and self.waiting in READING:
            self.settle(self.connection.received(self.due.pop(0)))
        return self

    def end(self) -> "Memory":
        self.settle(self.connection.ended())
        return self

    @property
    def ended(self) -> bool:
        return self.waiting is Waiting.END

    def close(self) -> None:
        self.connection.closed()


@dataclass
class Seen:
    """A request as the application saw it."""

    method: str
    target: str
    content: bytes
    fields: dict[str, str]


class Recorder:
    """An application that remembers what it was asked, and answers with the content."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    def __call__(self, request: Request) -> Answer:
        return self.collect(request) if request.content is None else self.answer(request)

    def collect(self, request: Request):
        pieces = []
        while piece := (yield):
            pieces.append(piece)
        request.content = b"".join(pieces)
        return self.answer(request)

    def answer(self, request: Request) -> Response:
        assert request.content is not None
        self.seen.append(Seen(request.method, request.target, request.content, request.field_values))
        return Response(request.content, 200, "application/octet-stream")


def connect(application: Callable[[Request], Answer], limits: Limits | None = None) -> Memory:
    return Memory(Service(application, limits))


@dataclass
class Answered:
    """A response, read back."""

    status: int
    fields: dict[str, str]
    content: bytes


def read_answers(octets: bytes, methods: Iterable[str] = ()) -> list[Answered]:
    """Read responses as a strict client does; what can't be read raises."""
    answers: list[Answered] = []
    queue = list(methods)
    rest = bytes(octets)
    while rest:
        head, separator, rest = rest.partition(b"\r\n\r\n")
        assert separator, f"no end of head in {head!r}"
        line, *lines = head.decode("latin-1").split("\r\n")
        version, code, _ = line.split(" ", 2)
        assert version == "HTTP/1.1"
        status = int(code)
        fields = {name.lower(): value for name, value in (text.split(": ", 1) for text in lines)}
        if status == 100:
            answers.append(Answered(status, fields, b""))
            continue
        method = queue.pop(0) if queue else "GET"
        if method == "HEAD" or status in (204, 304):
            content = b""
        elif fields.get("transfer-encoding") == "chunked":
            content = b""
            while True:
                size, _, rest = rest.partition(b"\r\n")
                piece, rest = rest[: int(size, 16)], rest[int(size, 16) :]
                assert rest.startswith(b"\r\n")
                rest = rest[2:]
                if not piece:
                    break
                content += piece
        elif "content-length" in fields:
            size = int(fields["content-length"])
            content, rest = rest[:size], rest[size:]
            assert len(content) == size
        else:
            assert fields.get("connection") == "close"
            content, rest = rest, b""
        answers.append(Answered(status, fields, content))
    return answers
