"""Frames that are none, octet by octet (RFC 6455, section 5), and what a room can't take."""

import contextlib
import json
import socket
import struct
from pathlib import Path

import pytest
from rooms.limits import TEXT_BYTES
from running import Service, hear, say, until

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION, FIN = 1, 2, 8, 9, 10, 0, 0x80


def frame(first, payload=b"", masked=True):
    """One frame; ``first`` is its first octet: FIN, reserved bits and opcode."""
    length = len(payload)
    if length > 0xFFFF:
        size = b"\x7f" + struct.pack("!Q", length)
    else:
        size = bytes([length]) if length < 126 else b"\x7e" + struct.pack("!H", length)
    mask = b"mask" if masked else b""
    data = bytes(octet ^ mask[place % 4] for place, octet in enumerate(payload)) if masked else payload
    return bytes([first, size[0] | (0x80 if masked else 0)]) + size[1:] + mask + data


class Raw:
    """A connection past its handshake."""

    def __init__(self, service, path):
        self.socket = socket.create_connection(("127.0.0.1", service.port), 10)
        self.socket.sendall(HANDSHAKE.format(path=path).encode())
        self.file = self.socket.makefile("rb")
        assert self.file.readline().startswith(b"HTTP/1.1 101 ")
        while self.file.readline() != b"\r\n":
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, *octets):
        self.socket.sendall(b"".join(octets))

    def hear(self):
        """The next frame: its opcode and its payload; None at the end."""
        if len(head := self.file.read(2)) < 2:
            return None
        assert head[0] & FIN
        assert not head[1] & 0x80, "a server does not mask (section 5.1)"
        length = struct.unpack("!H", self.file.read(2))[0] if head[1] == 126 else head[1]
        return head[0] & 0x0F, self.file.read(length)

    def closed(self):
        """The close code, after whatever else."""
        while (heard := self.hear()) is not None:
            if heard[0] == CLOSE:
                return struct.unpack("!H", heard[1][:2])[0]
        return None


@pytest.fixture
def raw(service):
    with Raw(service, "/ws/echo") as client:
        yield client


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        pytest.param([frame(FIN | 0x40 | TEXT, b"hi")], 1002, id="5.2 RSV1 without an extension"),
        pytest.param([frame(FIN | 0x20 | TEXT, b"hi")], 1002, id="5.2 RSV2"),
        pytest.param([frame(FIN | 0x10 | TEXT, b"hi")], 1002, id="5.2 RSV3"),
        pytest.param([frame(FIN | 0x3)], 1002, id="5.2 a reserved opcode of data"),
        pytest.param([frame(FIN | 0xB)], 1002, id="5.2 a reserved opcode of control"),
        pytest.param([frame(FIN | TEXT, b"hi", masked=False)], 1002, id="5.1 not masked"),
        pytest.param([bytes([FIN | TEXT, 0xFF]) + b"\xff" * 8 + b"mask"], 1009, id="5.2 a length of 64 bits"),
        pytest.param([frame(FIN | CONTINUATION, b"hi")], 1002, id="5.4 a continuation of nothing"),
        pytest.param([frame(TEXT, b"a"), frame(FIN | TEXT, b"b")], 1002, id="5.4 a message in a message"),
        pytest.param([frame(PING, b"hi")], 1002, id="5.5 a fragmented ping"),
        pytest.param([frame(FIN | PING, b"x" * 126)], 1002, id="5.5 a ping of 126 octets"),
        pytest.param([frame(FIN | CLOSE, b"\x03")], 1002, id="5.5.1 half a close code"),
        pytest.param([frame(FIN | CLOSE, b"\x03\xe8\xff")], 1007, id="5.5.1 a reason that is no UTF-8"),
        pytest.param([frame(FIN | CLOSE, struct.pack("!H", 999))], 1002, id="7.4.2 code 999"),
        pytest.param([frame(FIN | CLOSE, struct.pack("!H", 1005))], 1002, id="7.4.1 code 1005"),
        pytest.param([frame(FIN | CLOSE, struct.pack("!H", 5000))], 1002, id="7.4.2 code 5000"),
        pytest.param([frame(FIN | TEXT, b"\xc3")], 1007, id="8.1 half a character"),
        pytest.param([frame(FIN | TEXT, b"\xed\xa0\x80")], 1007, id="8.1 a surrogate"),
        pytest.param(
            [frame(TEXT, b"\xc3"), frame(FIN | CONTINUATION, b"a")], 1007, id="8.1 in two fragments"
        ),
        pytest.param([frame(FIN | BINARY, b"x" * 65_537)], 1009, id="too large"),
        pytest.param(
            [frame(BINARY, b"x" * 40_000), frame(FIN | CONTINUATION, b"x" * 40_000)],
            1009,
            id="too large together",
        ),
    ],
)
def test_what_is_no_frame_is_closed_with_its_code(service, raw, octets, code):
    raw.send(*octets)
    assert raw.closed() == code
    assert service.get("/livez")[0] == 200


def test_a_ping_between_fragments_is_answered_and_the_message_is_whole(raw):
    raw.send(frame(TEXT, b"on"), frame(FIN | PING, b"?"), frame(FIN | CONTINUATION, b"ce"))
    assert [raw.hear(), raw.hear()] == [(PONG, b"?"), (TEXT, b"once")]


def test_who_answers_pings_stays_and_who_does_not_goes(redis):
    service = Service(
        redis.url, DJANGO_SETTINGS_MODULE="tutorial.hasty", PYTHONPATH=str(Path(__file__).parent)
    )
    try:
        with Raw(service, "/ws/echo") as client:
            for _ in range(3):
                opcode, payload = client.hear()
                assert opcode == PING
                client.send(frame(FIN | PONG, payload))
            assert client.closed() == 1011
        until(lambda: service.health()[1]["websockets"] == 0)
    finally:
        assert service.stop() == 0


def test_a_pong_that_nobody_asked_for_is_nothing(raw):
    raw.send(frame(FIN | PONG, b"unasked"), frame(FIN | TEXT, b"hi"))
    assert raw.hear() == (TEXT, b"hi")


def test_a_close_without_a_code_is_answered(raw):
    raw.send(frame(FIN | CLOSE))
    assert raw.hear() == (CLOSE, b"")
    assert raw.hear() is None


def test_a_frame_octet_by_octet(raw):
    for octet in frame(FIN | TEXT, "雪".encode()):
        raw.send(bytes([octet]))
    assert raw.hear() == (TEXT, "雪".encode())


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ('{"text": "hi", "ref": 9007199254740993}', "bad_frame"),
        ('{"text": "hi", "ref": 1e3}', "bad_frame"),
        ('{"text": "hi", "ref": NaN}', "bad_frame"),
        ('{"text": "hi", "type": "postal"}', "bad_frame"),
        ('{"text": "hi", "type": null}', "bad_frame"),
        ('{"text": ' + "1" * 5000 + "}", "bad_frame"),
        ("[" * 60_000, "bad_frame"),
        ('{"a":' * 10_000, "bad_frame"),
        ("", "bad_frame"),
        ("null", "bad_frame"),
        ('"hi"', "bad_frame"),
        ('{"text": " \\t\\n\\u3000"}', "bad_text"),
        ('{"text": "a\\u0000b"}', "bad_text"),
        ('{"text": "a\\u001b[2J"}', "bad_text"),
        ('{"text": "\\udc00\\ud800"}', "bad_text"),
        ('{"text": ["hi"]}', "bad_text"),
        ('{"text": 1e400}', "bad_text"),
        ('{"text": "hi", "author": "\\ud800"}', "bad_author"),
        ('{"text": "hi", "author": "a\\u202eb"}', "bad_author"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_a_room_is_told_and_can_not_take(service, room, sent, code):
    """An error frame, and the connection lives."""
    with service.room(room, name="ada") as client:
        client.send(sent)
        error = hear(client)
        while error["type"] == "joined":
            error = hear(client)
        assert (error["type"], error["code"]) == ("error", code)
        say(client, text="alive")
        assert hear_of(client, "ack")["number"] == 1


@pytest.mark.parametrize("text", ["x" * TEXT_BYTES, "雪" * (TEXT_BYTES // 3), "😀 \ud83d\ude00".encode(
    "utf-16", "surrogatepass").decode("utf-16")])  # fmt: skip
def test_what_a_room_takes_comes_back_as_it_was(service, room, text):
    with service.room(room, name="ada") as client:
        client.send(json.dumps({"text": text}))  # as escapes, pairs of surrogates among them
        assert hear_of(client, "message")["text"] == text


def test_a_thousand_of_whom_one_does_not_read_take_bounded_memory(service, log, room):
    """Frames are shared, and what waits for the one is bounded: 4 MiB posted to 300 here are 1.2 GiB."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(Raw(service, f"/ws/rooms/{room}")) for _ in range(300)]
        for listener in listeners:
            assert listener.hear()[0] == TEXT  # the welcome
        before = resident(service.process.pid)
        for turn in range(20):
            for number in range(5):
                log.post(room, "web", f"{turn}.{number} " + "x" * 4000)
            for listener in listeners[1:]:
                for number in range(5):
                    assert f'"{turn}.{number} '.encode() in listener.hear()[1]
        assert resident(service.process.pid) - before < 40 * 2**20


def resident(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def hear_of(client, kind):
    while (heard := hear(client))["type"] != kind:
        assert heard["type"] in {"ack", "message", "joined"}, heard
    return heard


def test_what_the_conformance_page_names_is_there():
    root = Path(__file__).parents[3]
    section = (root / "docs" / "conformance.md").read_text().split("\n## RFC 6455")[1].split("\n## ")[0]
    named = {
        name for row in section.splitlines() if row.startswith("|") for name in row.split("|")[-2].split(",")
    }
    named = {name.strip() for name in named} - {"held by", "---"}
    there = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    assert len(named) > 5
    assert named <= there, named - there
