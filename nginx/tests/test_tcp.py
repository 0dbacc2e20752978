"""Raw TCP through nginx: bytes both ways, each direction with an end of its own."""

import re
import socket

from door.client import raw


def test_an_answer_after_our_direction_ended(door):
    """`printf hi | nc`: the echo behind it answers only then."""
    assert raw(door.port("TCP_ECHO_PORT"), b"hi") == b"hi"


def test_a_lot_of_it(door):
    data = bytes(range(256)) * 4096
    assert raw(door.port("TCP_ECHO_PORT"), data) == data


def test_a_listener_in_a_room_may_be_silent_for_hours(door):
    """On the other ports ten minutes are enough; nobody who listens with `nc` answers a ping."""
    text = "\n".join(path.read_text() for path in door.configuration.parent.rglob("*tcp.stream.conf"))
    servers = re.findall(r"^server {.*?^}", text, re.MULTILINE | re.DOTALL)
    assert [re.findall(r"proxy_timeout (\w+);", server) for server in servers] == [[], [], [], [], ["1d"]]
    assert f":{door.port('TCP_ROOM_PORT')} backlog=4096 sndbuf=256k so_keepalive=10m::;" in servers[-1]


def test_a_server_that_speaks_first(door):
    with socket.create_connection(("127.0.0.1", door.port("TCP_GREET_PORT")), timeout=5) as sock:
        assert sock.recv(100) == b"welcome"
        assert sock.recv(100) == b""


def test_nobody_there(door):
    """The connection is closed, and the log says that it was nobody's fault but the service's."""
    assert raw_or_reset(door.port("TCP_BYE_PORT")) == b""
    assert door.events(event="connection", service="tcp-bye", status=502)


def test_what_a_connection_leaves_in_the_log(door):
    raw(door.port("TCP_ECHO_PORT"), b"twelve bytes")
    event = door.events(event="connection", service="tcp-echo", bytes_received=12)[-1]
    assert (event["bytes_sent"], event["status"], event["protocol"]) == (12, 200, "TCP")
    assert event["upstream"] == door.values["TCP_ECHO_ADDRESS"]


def raw_or_reset(port):
    """A connection that is closed with our bytes unread is reset."""
    try:
        return raw(port, b"")
    except ConnectionResetError:
        return b""
