"""One event is one line of JSON, whatever a client has sent."""

import json
import socket

from running import Service


def test_what_a_client_sends_begins_no_line(redis):
    service = Service(redis.url)
    try:
        for sent in (
            b"GET /\x1b[31m HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"nonsense\r\n\r\n",
            b"GET /ws/echo HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            b"GET /ws/rooms/a%0d%0ab%1b HTTP/1.1\r\nHost: x\x1b\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00",
        ):
            with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
    finally:
        service.stop()
    lines = [line for line in service.lines if not line.startswith("listening on ")]
    assert lines  # the server says that it starts and stops
    for line in lines:
        assert line.rstrip("\n").isprintable()
        assert {"time", "level", "logger", "process", "event"} <= json.loads(line).keys()
