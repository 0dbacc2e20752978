"""WSGI applications for the tests that need a server of their own."""

import time
from threading import Event

released = Event()


def meeting(environ, start_response):
    """/wait answers only when /release has been asked for: two requests must be in progress at once."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/wait":
        return [b"met" if released.wait(20) else b"alone"]
    if environ["PATH_INFO"] == "/release":
        released.set()
    return [b"ok"]


def writing(environ, start_response):
    """A piece at once; the next one when /release has been asked for."""
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/release":
        released.set()
        return [b"ok"]
    write(b"one")
    return [b"two" if released.wait(20) else b"alone"]


def writing_much(environ, start_response):
    """More than a socket holds, written piece by piece."""
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    for _ in range(100):
        write(b"x" * 100_000)
    return []


def hanging(environ, start_response):
    """/hang never answers."""
    while environ["PATH_INFO"] == "/hang":
        time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


def endless(environ, start_response):
    """As much as the peer takes, and then more."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    while True:
        yield b"x" * 65536


def failing(environ, start_response):
    """A head, a piece, and an error."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"one"
    raise RuntimeError("oops")


def counting(environ, start_response):
    """How much content came."""
    size = 0
    while piece := environ["wsgi.input"].read(65536):
        size += len(piece)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(size).encode()]


def measuring(environ, start_response):
    """How much content came, a line for each 64 KiB as soon as they are here, and for the rest."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    while piece := environ["wsgi.input"].read(65536):
        yield f"{len(piece)}\n".encode()


def echoing(environ, start_response):
    """The content piece by piece, each as soon as it is here."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"<"
    while piece := environ["wsgi.input"].read(2):
        yield piece
    yield b">"
