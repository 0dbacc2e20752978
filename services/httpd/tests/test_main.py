"""The command line: what it takes, and one clear sentence for what it does not."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from httpd.__main__ import main
from memory import read_answers
from peers import httpd


@pytest.fixture
def refuse(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Start in vain; the last line of what it says."""

    def refuse(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["--listen", "127.0.0.1:0", *arguments], {})
        assert ended.value.code == 2
        return capsys.readouterr().err.splitlines()[-1]

    return refuse


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--app", "nonsense"], "name a module and a callable in it"),
        (["--app", "nowhere.at.all:application"], "there is no module 'nowhere.at.all'"),
        (["--app", "applications:nothing"], "applications has no callable 'nothing'"),
        (["--app", "applications:__doc__"], "applications has no callable '__doc__'"),
        (["--threads", "-1"], "'-1' is not a number of threads"),
        (["--threads", "many"], "'many' is not a number of threads"),
        (["--message-limits", "contents=5"], "no limit is called 'contents'; there are request_line,"),
        (["--message-limits", "content=much"], "the limit 'content' is a whole number"),
        (["--limits", "idle=long"], "the limit 'idle' is a number"),
        (["--forwarded-allow", "localhost"], "as in 127.0.0.1,10.0.0.0/8"),
        (["--app", ".demo:application"], "name a module and a callable in it"),
        (["--script-name", "app"], "begin it with a slash, as in /app"),
        (["--threads", "1001"], "from 0 to 1000"),
        (["--threads", "9" * 5000], "from 0 to 1000"),
        (["--message-limits", "content=" + "9" * 5000], "the limit 'content' is a whole number"),
        (["--model", "magic"], "invalid choice: 'magic'"),
        (["--listen", "nowhere"], "is not HOST:PORT"),
    ],
)
def test_what_it_does_not_take(refuse: Callable[..., str], arguments: list[str], sentence: str) -> None:
    assert sentence in refuse(*arguments)


def test_limits_from_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--listen", "127.0.0.1:0"], {"HTTPD_LIMITS": "content=much"})
    assert "HTTPD_LIMITS: the limit 'content' is a whole number" in capsys.readouterr().err


def test_an_application_that_fails_to_load_shows_its_own_traceback(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import no_such_thing\napplication = None\n")
    command = [sys.executable, "-m", "httpd", "--listen", "127.0.0.1:0", "--app", "broken:application"]
    done = subprocess.run(command, stderr=subprocess.PIPE, cwd=tmp_path, timeout=20, check=False, text=True)
    assert done.returncode == 1
    assert "No module named 'no_such_thing'" in done.stderr


def test_what_it_takes(tmp_path: Path) -> None:
    arguments = (
        "--app",
        "httpd.demo:application",
        "--workers",
        "2",
        "--threads",
        "2",
        "--script-name",
        "/app",
        "--forwarded-allow",
        "127.0.0.1",
        "--message-limits",
        "content=10,field_count=5",
    )
    with httpd(tmp_path / "log", *arguments) as server:
        octets = server.ask(b"GET /app/environ HTTP/1.0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n")
        text = read_answers(octets)[0].content.decode()
        for line in (
            "SCRIPT_NAME: '/app'",
            "PATH_INFO: '/environ'",
            "REMOTE_ADDR: '203.0.113.9'",
            "wsgi.multithread: True",
            "wsgi.multiprocess: True",
        ):
            assert line in text
        octets = server.ask(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")
        assert read_answers(octets)[0].status == 413
        octets = server.ask(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 5 + b"\r\n")
        assert read_answers(octets)[0].status == 431
        octets = server.ask(b"GET /app/healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert json.loads(read_answers(octets)[0].content)["status"] == "ok"
        assert server.stop() == 0


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with httpd(tmp_path / "log") as server:
        command = [sys.executable, "-m", "httpd", "--listen", f"127.0.0.1:{server.port}"]
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=20, check=False, text=True)
    assert done.returncode == 1
    assert "another process listens there" in done.stderr
