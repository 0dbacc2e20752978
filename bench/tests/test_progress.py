"""The bar, and the lines in its place."""

import io

import pytest

from bench.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar():
    stream = Terminal()
    progress = Progress(100, stream)
    progress.advance(50)
    progress.show("web")
    assert "[███████████████···············]  50%  0:00 left  web" in stream.getvalue()
    progress.end()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_now_and_then_where_there_is_no_terminal():
    stream = io.StringIO()
    progress = Progress(100, stream)
    for _ in range(5):
        progress.show("web")
    progress.end()
    assert stream.getvalue() == "  0%  1:40 left  web\n"


def test_time_left_follows_what_it_really_takes():
    progress = Progress(100)
    progress.began -= 60
    progress.advance(20)
    assert progress.left == pytest.approx(240, rel=0.01)
    progress.advance(1000)
    assert progress.left == 0
