"""The site runs on this server unchanged: as ``--app``, and under Gunicorn with our worker."""

from pathlib import Path

import pytest
from memory import Answered, read_answers
from peers import Server, run

HTTPD = ["-m", "httpd", "--listen", "127.0.0.1:0", "--app", "web.wsgi:application"]
GUNICORN = ["-m", "gunicorn", "-k", "httpd.gunicorn.Worker", "-b", "127.0.0.1:0", "--no-control-socket"]

COMMANDS = {
    "httpd in the loop": HTTPD,
    "httpd in threads": [*HTTPD, "--threads", "4"],
    "gunicorn": [*GUNICORN, "web.wsgi"],
}

LISTENING = rb"(?:listening on |Listening at: http://)[^\n]*?:(\d+)[\n ]"


def ask(server: Server, line: str, *fields: str, content: bytes = b"") -> Answered:
    lines = [f"{line} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", *fields, f"Content-Length: {len(content)}"]
    octets = "".join(f"{text}\r\n" for text in lines).encode() + b"\r\n" + content
    return read_answers(server.ask(octets), [line.partition(" ")[0]])[0]


@pytest.mark.parametrize("how", COMMANDS)
def test_the_site(how: str, tmp_path: Path) -> None:
    with run(
        COMMANDS[how], tmp_path / "log", LISTENING, SECRET_KEY="a key that signs nothing of worth"
    ) as server:
        answer = ask(server, "GET /hello/")
        assert (answer.status, answer.content) == (200, b"Hello, World! This is an HTTP response.")
        assert ask(server, "HEAD /hello/").content == b""
        assert ask(server, "GET /livez").status == 200
        octets = bytes(range(64))
        answer = ask(server, "POST /echo", "Content-Type: application/octet-stream", content=octets)
        assert (answer.status, answer.content) == (200, octets)
        assert server.stop() == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
