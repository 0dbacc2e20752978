"""Behind the real nginx: what it forwards as one request we read as that one, whatever a client sends.

nginx puts a stamp and what it has understood into each request that it forwards. One without a stamp, or with
another target than nginx's, would be a request that nginx never saw.
"""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus import INVALID, VALID
from memory import read_answers
from peers import read_all, run, wait_until

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    ignore_invalid_headers off; underscores_in_headers on;
    client_header_timeout 200ms; client_body_timeout 200ms; keepalive_timeout 200ms;
    lingering_time 200ms; lingering_timeout 200ms; client_max_body_size 2m;
    upstream recorder {{ server 127.0.0.1:{upstream}; keepalive 1; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://recorder;
            proxy_http_version 1.1;
            proxy_request_buffering {buffering};
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Stamp $request_id;
            proxy_set_header X-Target $request_uri;
            proxy_set_header X-Method $request_method;
            proxy_read_timeout 1s;
        }}
    }}
}}
"""


#: The last request on each connection, if it is read as one: it ends the connection.
END = b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class Door:
    """nginx in front of the recorder."""

    def __init__(self, port: int, upstream: int, record: Path) -> None:
        self.port = port
        self.upstream = upstream
        self.record = record
        self.read = 0
        self.stamps: set[str] = set()

    def send(self, octets: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), 20) as connection:
            try:
                connection.sendall(octets + END)
                return read_all(connection)
            except OSError:
                return b""  # nginx has refused it, and dropped the rest

    def seen(self) -> list[dict[str, object]]:
        """What has come to the recorder since the last time."""
        lines = self.record.read_text().splitlines()
        new, self.read = lines[self.read :], len(lines)
        return [json.loads(line) for line in new]

    def check(self) -> list[str]:
        """Every request that came is one that nginx has sent; return their targets."""
        targets = []
        for request in self.seen():
            fields = [(name.lower(), value) for name, value in request["fields"]]
            stamps = [value for name, value in fields if name == "x-stamp"]
            assert len(stamps) == 1, request
            assert stamps[0] not in self.stamps, request
            self.stamps.add(stamps[0])
            said = dict(fields)
            # Of http://host?query nginx makes /?query, and calls it ?query.
            assert request["target"] in (said["x-target"], f"/{said['x-target']}")
            assert request["method"] == said["x-method"]
            targets.append(str(request["target"]))
        return targets

    def marker(self) -> None:
        """Another client's request gets its own answer:

        Nobody has left a piece of a request in front of it.
        """
        octets = self.send(b"GET /marker HTTP/1.1\r\nHost: a\r\n\r\n")
        targets = [json.loads(answer.content)["target"] for answer in read_answers(octets)]
        assert targets == ["/marker", "/end"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module", params=["on", "off"], ids=["buffered", "streamed"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    record = folder / "record"
    record.touch()
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin:/usr/bin")
    assert nginx, "install nginx"
    with run(["recorder.py", "selector", str(record)], folder / "recorder.log") as recorder:
        port = free_port()
        settings = {"folder": folder, "port": port, "upstream": recorder.port, "buffering": request.param}
        (folder / "nginx.conf").write_text(CONFIGURATION.format(**settings))
        with start(nginx, folder) as process:
            wait_until(lambda: process.poll() is not None or listens(port), "for nginx")
            assert process.poll() is None, (folder / "nginx.log").read_text()
            yield Door(port, recorder.port, record)
            process.terminate()
            process.wait(20)


def start(nginx: str, folder: Path):
    with (folder / "nginx.log").open("wb") as log:
        return subprocess.Popen([nginx, "-p", str(folder), "-c", "nginx.conf"], stdout=log, stderr=log)


def listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def post(*fields: str, content: bytes = b"", version: str = "1.1") -> bytes:
    lines = "".join(f"{field}\r\n" for field in fields)
    return f"POST /first HTTP/{version}\r\nHost: a\r\n{lines}\r\n".encode("latin-1") + content


HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

CHUNKED = "Transfer-Encoding: chunked"
LAST = b"0\r\n\r\n" + HIDDEN
SIZE = len(HIDDEN)

ATTACKS = {
    "CL.TE": post(f"Content-Length: {5 + SIZE}", CHUNKED, content=LAST),
    "TE.CL": post(CHUNKED, "Content-Length: 4", content=b"%x\r\n" % SIZE + HIDDEN + b"\r\n0\r\n\r\n"),
    "TE.TE": post(CHUNKED, "Transfer-encoding: x", content=LAST),
    "TE with a tab": post("Transfer-Encoding:\tchunked", content=LAST),
    "TE with a vertical tab": post("Transfer-Encoding: \x0bchunked", "Content-Length: 5", content=LAST),
    "TE folded": post("Transfer-Encoding:", " chunked", f"Content-Length: {5 + SIZE}", content=LAST),
    "TE before a colon": post("Transfer-Encoding : chunked", "Content-Length: 5", content=LAST),
    "TE with an underscore": post("Transfer_Encoding: chunked", "Content-Length: 5", content=LAST),
    "TE in 1.0": post(CHUNKED, content=LAST, version="1.0"),
    "CL with an underscore": post("Content_Length: 50", "Content-Length: 0", content=HIDDEN),
    "CL twice": post("Content-Length: 0", f"Content-Length: {SIZE}", content=HIDDEN),
    "CL as a list": post(f"Content-Length: 0, {SIZE}", content=HIDDEN),
    "CL with a plus": post(f"Content-Length: +{SIZE}", content=HIDDEN),
    "CL in hexadecimal": post("Content-Length: 0x0", content=HIDDEN),
    "CL with zeros": post(f"Content-Length: 000{SIZE}", content=HIDDEN),
    "CL of a 2^64": post("Content-Length: 18446744073709551616", content=HIDDEN),
    "CL of GET": HIDDEN.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % SIZE) + HIDDEN,
    "a lone LF in a field": post("X: y\nTransfer-Encoding: chunked", content=LAST),
    "a lone CR in a field": post("X: y\rTransfer-Encoding: chunked", "Content-Length: 0", content=HIDDEN),
    "a NUL in a field": post("X: y\0Transfer-Encoding: chunked", "Content-Length: 0", content=HIDDEN),
    "chunk size with 0x": post(CHUNKED, content=b"0x5\r\nhello\r\n" + LAST),
    "chunk size that overflows": post(CHUNKED, content=b"10000000000000005\r\nhello\r\n" + LAST),
    "chunk extension with LF": post(CHUNKED, content=b"5;\nxx\r\nhello\r\n" + LAST),
    "chunk extension with CR": post(CHUNKED, content=b"5;a\rb\r\nhello\r\n" + LAST),
    "chunk ended by LF": post(CHUNKED, content=b"5\r\nhello\n" + LAST),
    "chunk data with two octets too many": post(CHUNKED, content=b"5\r\nhelloXX" + LAST),
    "trailers": post(CHUNKED, content=b"0\r\nContent-Length: 50\r\nHost: b\r\n\r\n" + HIDDEN),
    "the last chunk's end": post(CHUNKED, content=b"0\r\n\r" + HIDDEN),
    "a request-line in a field": post("X: y\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a"),
    "two spaces": b"POST  /first HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a space in the target": b"GET /first HTTP/1.1 /x HTTP/1.1\r\nHost: a\r\n\r\n" + HIDDEN,
    "an absolute target": b"GET http://b/first HTTP/1.1\r\nHost: a\r\n\r\n" + HIDDEN,
    "Connection: Content-Length": post(
        "Connection: Content-Length", f"Content-Length: {SIZE}", content=HIDDEN
    ),
    "Connection: Transfer-Encoding": post("Connection: Transfer-Encoding", CHUNKED, content=LAST),
    "Expect": post("Expect: 100-continue", "Content-Length: 5", content=b"hello" + HIDDEN),
    "Upgrade": post("Connection: upgrade", "Upgrade: h2c", "Content-Length: 5", content=b"hello" + HIDDEN),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks(door: Door, attack: str) -> None:
    door.send(ATTACKS[attack])
    door.marker()
    assert door.check()[-2:] == ["/marker", "/end"]


def test_the_corpus(door: Door) -> None:
    for case in [*VALID, *INVALID]:
        door.send(case.octets)
    door.marker()
    targets = door.check()
    assert targets[-2:] == ["/marker", "/end"]
    assert len(targets) > 60, "hardly anything went through"


def test_the_check_would_see_it(door: Door) -> None:
    # A request that goes past nginx has no stamp.
    with socket.create_connection(("127.0.0.1", door.upstream), 20) as connection:
        connection.sendall(HIDDEN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        read_all(connection)
    with pytest.raises(AssertionError):
        door.check()
