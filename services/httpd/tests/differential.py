"""The same octets as three readers understand them:

Ours, h11 and httptools (which is llhttp, Node's reader).
"""

from dataclasses import dataclass, field

import h11
import httptools
from memory import Recorder, connect, read_answers

#: A request as a reader sees it: method, request-target, content.
Seen = tuple[bytes, bytes, bytes]


@dataclass
class Reading:
    """What a reader made of some octets: the requests, and whether it then refused the rest."""

    requests: list[Seen] = field(default_factory=list)
    refused: bool = False


def read_ours(octets: bytes) -> Reading:
    recorder = Recorder()
    memory = connect(recorder).receive(octets)
    answers = [
        answer
        for answer in read_answers(memory.sent, [one.method for one in recorder.seen])
        if answer.status != 100
    ]
    seen = [(one.method.encode(), one.target.encode(), one.content) for one in recorder.seen]
    return Reading(seen, len(answers) > len(seen))


def read_h11(octets: bytes) -> Reading:
    """As an h11 server does, with our limits."""
    reading = Reading()
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=64 * 1024)
    connection.receive_data(octets)
    request: h11.Request | None = None
    content = b""
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return reading
            if isinstance(event, h11.Request):
                request, content = event, b""
            elif isinstance(event, h11.Data):
                content += event.data
            elif isinstance(event, h11.EndOfMessage):
                assert request is not None
                reading.requests.append((request.method, request.target, content))
                if request.method == b"CONNECT":
                    return reading  # what follows is no HTTP to h11
                connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return reading
                connection.start_next_cycle()
    except h11.RemoteProtocolError:
        reading.refused = True
        return reading


class Collector:
    """httptools' callbacks."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self.parser = httptools.HttpRequestParser(self)
        self.target = self.content = b""

    def on_message_begin(self) -> None:
        self.target = self.content = b""

    def on_url(self, piece: bytes) -> None:
        self.target += piece

    def on_body(self, piece: bytes) -> None:
        self.content += piece

    def on_message_complete(self) -> None:
        self.requests.append((self.parser.get_method(), self.target, self.content))


def read_httptools(octets: bytes) -> Reading:
    collector = Collector()
    try:
        collector.parser.feed_data(octets)
    except httptools.HttpParserUpgrade:
        return Reading(collector.requests)
    except httptools.HttpParserError:
        return Reading(collector.requests, refused=True)
    return Reading(collector.requests)
