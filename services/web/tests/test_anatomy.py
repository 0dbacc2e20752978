"""Messages taken apart: every byte is in one part, and every part is called what it is."""

import pytest
from web.lab.anatomy import KINDS, requests, responses

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def kinds(messages):
    return [[part.kind for part in message.parts] for message in messages]


def faults(data):
    return [part.fault for message in requests(data) for part in message.parts if part.fault]


CORPUS = [
    GET,
    GET * 3,
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + GET,
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n"
    + GET,
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"\r\n\n" + GET,
    b"\xff\x00\r\n\r\n\r\n",
    b"no line at all",
    b"",
]


@pytest.mark.parametrize("data", CORPUS)
@pytest.mark.parametrize("dissect", [requests, lambda data: responses(data, ["GET"])])
def test_no_byte_is_lost_however_much_of_it_is_here(data, dissect):
    for end in range(len(data) + 1):
        messages = dissect(data[:end])
        assert b"".join(part.data for message in messages for part in message.parts) == data[:end]
        assert {part.kind for message in messages for part in message.parts} <= KINDS.keys()


def test_a_request_with_a_length_and_the_one_behind_it():
    found = requests(CORPUS[2])
    assert kinds(found) == [
        ["request-line", "field", "framing", "end", "content"],
        ["request-line", "field", "end"],
    ]
    assert [message.method for message in found] == ["POST", "GET"]
    assert all(message.complete for message in found)


def test_chunks_and_trailers():
    found = requests(CORPUS[3])
    expected = ["request-line", "field", "framing", "end", "chunk-size", "content", "chunk-end"]
    assert kinds(found) == [
        [*expected, "last-chunk", "trailer", "end"],
        ["request-line", "field", "end"],
    ]
    assert not faults(CORPUS[3])


@pytest.mark.parametrize("end", range(1, len(CORPUS[3]) - len(GET)))
def test_a_message_that_is_not_all_here_is_not_complete(end):
    assert not requests(CORPUS[3][:end])[0].complete


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (b"Host: a\r\nA: b\n", "LF alone"),
        (b"Host: a\r\nA: b\0\r\n", "control character"),
        (b"Host: a\r\nA: b\r\n c\r\n", "folded line"),
        (b"Host: a\r\nA : b\r\n", "White space before the colon"),
        (b"Host: a\r\nA\r\n", "no colon"),
        (b"Host: a\r\nA(: b\r\n", "can't be a field's name"),
        (b"", "this has none"),
        (b"Host: a\r\nHost: a\r\n", "this has 2"),
        (b"Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n", "Two different lengths"),
        (b"Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n", "smuggling"),
        (b"Host: a\r\nContent-Length: +1\r\n", "digits and nothing else"),
    ],
)
def test_what_is_wrong(lines, fault):
    found = faults(b"GET / HTTP/1.1\r\n" + lines + b"\r\n")
    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize("line", [b"GET  / HTTP/1.1", b"GET /", b" GET / HTTP/1.1", b"\xff"])
def test_no_request_line(line):
    assert faults(line + b"\r\nHost: a\r\n\r\n") == ["This is no request-line."]


def test_chunks_that_can_not_be_read():
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert faults(head + b"six\r\n") == ["A chunk begins with its size in hexadecimal."]
    assert faults(head + b"2\r\nabc\r\n0\r\n\r\n") == ["The chunk is longer than its size says."]


def test_the_same_length_twice_is_no_fault():
    assert not faults(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx")


# --- responses ----------------------------------------------------------------------------------------------


def test_responses_are_matched_with_their_requests():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    found = responses(
        b"HTTP/1.1 100 Continue\r\n\r\n" + head + b"hi" + head + head + b"ho", ["GET", "HEAD", "GET"]
    )
    assert [message.status for message in found] == [100, 200, 200, 200]
    assert [message.interim for message in found] == [True, False, False, False]
    assert [b"".join(p.data for p in m.parts if p.kind == "content") for m in found] == [
        b"",
        b"hi",
        b"",
        b"ho",
    ]
    assert all(message.complete for message in found)


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_that_never_has_content(status):
    (found,) = responses(b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\n" % status, ["GET"])
    assert found.complete


def test_content_up_to_the_end_of_the_connection():
    (found,) = responses(b"HTTP/1.0 200 OK\r\n\r\nall of it", ["GET"])
    assert kinds([found]) == [["status-line", "end", "content"]]
    assert not found.complete  # only the close tells


def test_something_that_is_no_response():
    (found,) = responses(b"220 mail.example\r\n", ["GET"])
    assert kinds([found]) == [["rest"]]
    assert found.status == 0
