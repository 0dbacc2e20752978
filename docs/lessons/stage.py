"""Where a lesson's programs are run in earnest, with visitors over real sockets, and what happens is written
down.

A lesson's `scene.py` says who does what. Everything else in its capture was said by a program, or came over
the wire.
"""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

__all__ = ["Program", "Stage", "Visitor", "quoted"]

#: Seconds in which anything that should happen has happened, on a busy machine too.
PATIENCE = 30.0

#: Seconds of silence that are taken for an answer: the programs would speak within a thousandth of them.
SILENCE = 0.5

#: The port in every capture, whichever was free when it was made.
SHOWN_PORT = "8000"

#: What differs from run to run and from machine to machine, and how a capture has it.
VARIABLE = [
    (re.compile(r"\x1b\[[\d;]*m"), ""),  # colours
    (re.compile(r'^(\d{4}-\d\d-\d\d|\{"time": ).*\n', re.MULTILINE), ""),  # log lines
    (re.compile(r"\('127\.0\.0\.1', \d+\)"), "('127.0.0.1', …)"),
    (re.compile(r"\[Errno \d+\]"), "[Errno …]"),
    (re.compile(r"\b(Python|CPython|Werkzeug|WSGIServer)/[\d.]+\w*"), r"\1/…"),
    # Python words its tracebacks a little differently in each version; what counts is the last line.
    (re.compile(r"(Traceback \(most recent call last\):)\n(?:[ \t].*\n)+"), r"\1 …\n"),
]


class Stage:
    """Runs one lesson's programs in its folder, and keeps the transcript. Use it with ``with``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.lines: list[str] = []
        self.programs: list[Program] = []
        self.visitors: list[Visitor] = []

    def __enter__(self) -> "Stage":
        # What is started in the background of a shell ignores Ctrl-C, and so would the programs.
        self.on_interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for visitor in self.visitors:
            visitor.socket.close()
        for program in self.programs:
            program.end()
        signal.signal(signal.SIGINT, self.on_interrupt)

    @property
    def capture(self) -> str:
        """The transcript, without what differs from run to run."""
        text = re.sub(rf"\b{self.port}\b", SHOWN_PORT, "\n".join(self.lines) + "\n")
        for pattern, shown in VARIABLE:
            text = pattern.sub(shown, text)
        return text

    def note(self, text: str) -> None:
        """Write a remark."""
        self.lines.append(f"# {text}")

    def start(self, command: str, ready: str, **environment: str) -> "Program":
        """Start a program, and wait until it has printed that it is ready. ``{port}`` becomes a free port."""
        program = Program(self, command, environment)
        program.say_until(ready)
        return program

    def run(self, command: str) -> None:
        """Run a program to its end, and show what it says."""
        program = Program(self, command, {})
        program.wait()
        program.say()

    def arrive(self, name: str) -> "Visitor":
        """Have somebody connect."""
        self.lines.append(f"{name} connects")
        return Visitor(self, name)

    @contextmanager
    def visit(self, name: str) -> Iterator["Visitor"]:
        """Have somebody connect, and leave at the end of the block."""
        visitor = self.arrive(name)
        yield visitor
        visitor.leave()


class Program:
    """A program of the lesson: a process, and what it has said so far."""

    def __init__(self, stage: Stage, command: str, environment: dict[str, str]) -> None:
        self.stage = stage
        stage.programs.append(self)
        settings = "".join(f"{name}={value} " for name, value in environment.items())
        stage.lines.append(f"$ {settings}{command.replace('{port}', SHOWN_PORT)}")
        words = command.replace("{port}", str(stage.port)).split()
        assert words[0] == "python", "every lesson's programs are Python"
        self.process = subprocess.Popen(
            [sys.executable, *words[1:]], cwd=stage.folder, env=surroundings(environment), text=True,
            encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.said: list[str] = []
        self.shown = 0
        self.reading = threading.Thread(target=self.read)
        self.reading.start()

    def read(self) -> None:
        """Collect what it says; in a thread of its own, which ends with the program."""
        assert self.process.stdout is not None
        self.said.extend(iter(self.process.stdout.readline, ""))

    def say(self, only: str = "") -> None:
        """Show what it has said since it was last shown, or only the lines that have a word in them."""
        said = "".join(self.said[self.shown :])
        self.shown = len(self.said)
        self.stage.lines.extend(line for line in said.splitlines() if only in line)

    def say_until(self, words: str) -> None:
        """Wait until it has said something, and show that line and what came before it."""

        def has_spoken() -> bool:
            if self.process.poll() is not None:
                self.reading.join()
                assert words in "".join(self.said[self.shown :]), "".join(self.said)
            return words in "".join(self.said[self.shown :])

        wait_for(f"“{words}”", has_spoken)
        self.say()

    def interrupt(self) -> None:
        """Press Ctrl-C in its terminal, and wait for its end."""
        self.stage.lines.append("^C")
        self.process.send_signal(signal.SIGINT)
        self.wait()

    def terminate(self) -> None:
        """Ask it to end as Docker, supervisor and systemd do, and wait until it has."""
        self.stage.lines.append("$ kill -TERM %1")
        self.process.terminate()
        self.wait()

    def wait(self) -> None:
        """Wait until it has ended and everything that it has said is here."""
        self.process.wait(PATIENCE)
        self.reading.join(PATIENCE)

    def is_over(self) -> None:
        """Wait for its end, and show its last words and how it ended."""
        self.wait()
        self.say()
        status = self.process.returncode
        how = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        self.stage.lines.append(f"(the program has ended {how})")

    def end(self) -> None:
        """Stop it if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


class Visitor:
    """Somebody with a connection."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage, self.name = stage, name
        stage.visitors.append(self)
        self.socket = socket.create_connection(("127.0.0.1", stage.port), timeout=PATIENCE)

    def tell(self, what: str) -> None:
        """Write down what happened."""
        self.stage.lines.append(f"{self.name} {what}")

    def sends(self, data: bytes, shown: str | None = None) -> None:
        """Send bytes."""
        self.tell(f"sends  {shown or quoted(data)}")
        self.socket.sendall(data)

    def reads(self, length: int) -> None:
        """Read as many bytes as that."""
        data = b""
        while len(data) < length and (piece := self.socket.recv(length - len(data))):
            data += piece
        self.tell(f"reads  {quoted(data)}")

    def reads_all(self) -> bytes:
        """Read until the other side ends the connection; return it without writing it down."""
        data = b""
        while piece := self.socket.recv(65536):
            data += piece
        return data

    def reads_to_the_end(self) -> None:
        """Read until the other side ends the connection."""
        data = self.reads_all()
        self.tell(f"reads  {quoted(data)}" if data else "reads  nothing")
        self.tell("finds the connection ended")

    def reads_response(self) -> None:
        """Read an HTTP response with a Content-Length; show its status line and its content."""
        with self.socket.makefile("rb") as stream:
            head = list(iter(stream.readline, b"\r\n"))
            lengths = [line for line in head if line.lower().startswith(b"content-length:")]
            content = stream.read(int(lengths[0].split(b":")[1])) if lengths else stream.read()
        self.tell(f"reads  {quoted(head[0].rstrip())}, and {quoted(content)}")

    def hears_nothing(self) -> None:
        """Wait for a while in which nothing comes."""
        self.socket.settimeout(SILENCE)
        try:
            data = self.socket.recv(1024)
        except TimeoutError:
            self.tell("hears nothing")
        else:
            raise AssertionError(f"{self.name} hears {data!r}")
        finally:
            self.socket.settimeout(PATIENCE)

    def leaves(self) -> None:
        """Close, and say so."""
        self.tell("leaves")
        self.leave()

    def leave(self) -> None:
        """Close."""
        self.socket.close()


def surroundings(environment: dict[str, str]) -> dict[str, str]:
    """A program's environment: it speaks UTF-8, without delay, and knows nothing of the site around it."""
    strangers = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PYTHONWARNINGS", "WERKZEUG_RUN_MAIN", "NO_COLOR")
    kept = {name: value for name, value in os.environ.items() if name not in strangers}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", **environment}


def quoted(data: bytes) -> str:
    """Bytes as a reader wants to see them: text where they are text."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"{len(data):,} bytes"
    return "“" + text.replace("\r\n", "\\r\\n").replace("\n", "\\n") + "”"


def free_port() -> int:
    """A port that nobody has, below those that the system gives to outgoing connections: none may take it."""
    while True:
        port = random.randint(20_000, 29_999)
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) and can_bind(port):
                return port


def can_bind(port: int) -> bool:
    """Whether a program can listen there."""
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(what: str, happened: Callable[[], bool]) -> None:
    """Wait for something that should happen soon."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not come in {PATIENCE:g} s"
        time.sleep(0.01)
