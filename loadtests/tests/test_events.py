"""Server-sent events, as WHATWG HTML, section 9.2.6, reads them."""

import pytest

from loadtests.clients.events import Event, EventReader
from loadtests.clients.failures import MalformedReply


def read(stream):
    """The events, which are the same wherever the stream is cut."""
    whole = EventReader()
    events = whole.feed(stream)
    for cut in range(len(stream) + 1):
        reader = EventReader()
        assert reader.feed(stream[:cut]) + reader.feed(stream[cut:]) == events
    pieces = EventReader()
    assert [event for at in range(len(stream)) for event in pieces.feed(stream[at : at + 1])] == events
    return events, whole


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\n", [Event("message", "one", "")]),
        (b"data: one\r\n\r\ndata:two\r\rX", [Event("message", "one", ""), Event("message", "two", "")]),
        (b"id: 7\nevent: problem\ndata: a\ndata: b\n\n", [Event("problem", "a\nb", "7")]),
        (
            b"id: 7\ndata: a\n\ndata: b\n\nid\ndata\n\n",
            [Event("message", "a", "7"), Event("message", "b", "7"), Event("message", "", "")],
        ),
        (b": a comment\n\nevent: named\n\ndata:  two\n\n", [Event("message", " two", "")]),
        (b"\xef\xbb\xbfdata: \xc3\xa4\n\n", [Event("message", "ä", "")]),
        (b"id: a\0b\nunknown: x\ndata: one\n\n", [Event("message", "one", "")]),
        (b"data: not ended\n", []),
    ],
)
def test_events(stream, events):
    assert read(stream)[0] == events


def test_what_is_no_event():
    _, reader = read(b"retry: 2000\n\n: still here\n\n:\n\nretry: soon\n\n")
    assert reader.retry == 2
    assert reader.comments == 2


@pytest.mark.parametrize("stream", [b"data: \xff\n\n", b"data: " + b"x" * 2_000_000])
def test_what_is_wrong(stream):
    with pytest.raises(MalformedReply):
        EventReader().feed(stream)
