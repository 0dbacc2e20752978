import contextlib
import http.client
import json

import pytest
from rooms import Log
from running import Service, until


class Stream:
    """Server-sent events as a browser reads them (WHATWG HTML, section 9.2.6)."""

    def __init__(self, service, path, **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200
        self.last_event_id = ""

    def event(self):
        """The next event: its name and its data; None at the end. Comments and ``retry`` are passed over."""
        fields = {}
        for raw in self.response:
            line = raw.decode().rstrip("\n")
            if not line and "data" in fields:
                self.last_event_id = fields.get("id", self.last_event_id)
                return fields.get("event", "message"), json.loads(fields["data"])
            name, _, value = line.partition(": ")
            fields = {**fields, name: value} if line else {}
        return None

    def messages(self, count):
        heard = []
        while len(heard) < count:
            name, data = self.event()
            if name == "message":
                heard.append(data["number"])
        return heard


@contextlib.contextmanager
def streaming(service, room, query="", **headers):
    stream = Stream(service, f"/rooms/{room}/events{query}", **headers)
    try:
        name, _ = stream.event()
        assert name == "welcome"
        yield stream
    finally:
        stream.connection.close()


def test_messages_with_ids(service, log, room):
    log.post(room, "web", "1")
    with streaming(service, room, "?after=0") as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream"
        assert stream.response.headers["Cache-Control"] == "no-store"
        assert stream.messages(1) == [1]
        posted = log.post(room, "web", "line\nline ❄")
        assert stream.event() == ("message", {"type": "message", **posted.as_json()})
        assert stream.last_event_id == "2"


def test_without_after_it_begins_now(service, log, room):
    log.post(room, "web", "old")
    with streaming(service, room) as stream:
        log.post(room, "web", "new")
        assert stream.messages(1) == [2]


def test_last_event_id_resumes_and_goes_before_after(service, log, room):
    for number in range(5):
        log.post(room, "web", str(number))
    with streaming(service, room, "?after=0", **{"Last-Event-ID": "3"}) as stream:
        assert stream.messages(2) == [4, 5]


def test_it_begins_by_saying_when_to_come_back(service, room):
    stream = Stream(service, f"/rooms/{room}/events")
    assert stream.response.readline() == b"retry: 2000\n"
    stream.connection.close()


def test_what_is_no_message_has_a_name_and_no_id(service, log, room):
    log.post(room, "web", "1")
    with streaming(service, room, "?after=9") as stream:
        name, data = stream.event()
        assert (name, data["code"], data["last"]) == ("problem", "after_in_future", 1)
        assert stream.last_event_id == ""
        log.enter(room, ["ada"], "test")
        assert stream.event() == ("joined", {"type": "joined", "names": ["ada"], "here": 1})


def test_what_the_room_has_forgotten_is_told(service, redis, room):
    with contextlib.closing(Log(redis.url, remembered=10)) as log:
        for number in range(1, 31):
            log.post(room, "web", str(number))
    with streaming(service, room, "?after=5") as stream:
        assert stream.event() == ("missed", {"type": "missed", "from": 6, "to": 20})
        assert stream.messages(10) == list(range(21, 31))


def test_silence_is_filled_with_comments(redis, room):
    service = Service(redis.url, REALTIME_COMMENT_SECONDS="1")
    try:
        with streaming(service, room) as stream:
            assert stream.response.readline() == b": still here\n"
    finally:
        assert service.stop() == 0


def test_a_client_that_goes_is_forgotten(service, room):
    with streaming(service, room):
        until(lambda: service.health()[1]["streams"] == 1)
    until(lambda: service.health()[1]["streams"] == 0)


def test_stopping_ends_the_stream(redis, room):
    service = Service(redis.url)
    with streaming(service, room) as stream:
        assert service.stop() == 0
        assert stream.event() is None


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("path", ["/rooms/r/events", "/rooms/r/wait"])
def test_other_methods(service, path, method):
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    assert (response.status, response.headers["Allow"]) == (405, "GET")
    connection.close()
