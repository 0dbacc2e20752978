"""Is it up? One probe for each kind of service, and waiting until all of them succeed.

A probe does the service's own job where that is cheap (an echo, a PING), and otherwise asks its ``/healthz``,
which looks at what the service depends on. It raises ``Unhealthy`` with the reason.
"""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

__all__ = [
    "Probe", "Unhealthy", "both", "failure", "http_ok", "is_silence", "locust_workers", "redis_pong",
    "tcp_echo", "tcp_room", "try_all", "wait",
]  # fmt: skip

Probe = Callable[[], None]

#: A service that takes longer to answer is not well. /healthz has to ask Redis, hence not less.
ANSWER_WITHIN = 3.0

#: How the reason begins when somebody listens and says nothing.
SILENCE = "no answer within"


class Unhealthy(Exception):  # noqa: N818  an answer, not a mishap
    """Why a probe did not succeed, in a few words."""


def http_ok(host: str, port: int, path: str) -> Probe:
    """A GET is answered with 200."""
    return lambda: void(get(host, port, path))


def void(_: object) -> None:
    """Nothing: a probe's success has no value."""


def get(host: str, port: int, path: str) -> bytes:
    """The content of a 200; anything else is unhealthy, with the answer's first line as the reason."""
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_WITHIN)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        content = response.read(1 << 20)
    except (OSError, http.client.HTTPException) as error:
        raise Unhealthy(reason(error)) from error
    finally:
        connection.close()
    if response.status != http.client.OK:
        words = (content.decode(errors="replace").strip().splitlines() or [response.reason])[0]
        raise Unhealthy(f"{path} says {response.status}: {words[:200]}")
    return content


def exchange(host: str, port: int, sent: bytes, lines: int = 0) -> bytes:
    """Send bytes, and return the first that come back; with ``lines``, at least so many lines of them."""
    try:
        with socket.create_connection((host, port), timeout=ANSWER_WITHIN) as connection:
            connection.sendall(sent)
            answer = connection.recv(4096)
            while answer.count(b"\n") < lines and (more := connection.recv(4096)):
                answer += more
            return answer
    except OSError as error:
        raise Unhealthy(reason(error)) from error


def tcp_echo(host: str, port: int) -> Probe:
    """A few bytes come back as they were sent."""

    def probe() -> None:
        if (answer := exchange(host, port, b"echo?")) != b"echo?":
            raise Unhealthy(f"it does not echo: {answer[:40]!r}")

    return probe


def tcp_room(host: str, port: int) -> Probe:
    """A room greets who comes in, whatever state its Redis is in."""

    def probe() -> None:
        if not (answer := exchange(host, port, b"")).startswith(b"* "):
            raise Unhealthy(f"it is no room: {answer[:40]!r}")

    return probe


def redis_pong(host: str, port: int, password_file: Path | None = None) -> Probe:
    """Redis answers the user of the services PING, and has its data loaded. (No file: it asks for none.)"""

    def probe() -> None:
        sent = b"PING\r\n"
        try:
            if password_file:
                sent = f"AUTH layercake {password_file.read_text().strip()}\r\n".encode() + sent
        except OSError as error:
            raise Unhealthy(f"its password can't be read from {password_file}: {reason(error)}") from error
        answer = exchange(host, port, sent, lines=sent.count(b"\n")).removeprefix(b"+OK\r\n")
        if answer != b"+PONG\r\n":
            raise Unhealthy(f"it does not answer PING: {answer[:80].decode(errors='replace').strip()}")

    return probe


def locust_workers(host: str, port: int, count: int) -> Probe:
    """The master hears from all its workers."""

    def probe() -> None:
        ready = len(json.loads(get(host, port, "/locust/healthz"))["workers"])
        if ready < count:
            raise Unhealthy(f"{ready} of {count} workers are connected to the master")

    return probe


def reason(error: Exception) -> str:
    """An exception's own words, without numbers and class names."""
    if isinstance(error, TimeoutError):
        return f"{SILENCE} {ANSWER_WITHIN:.0f} s"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def is_silence(words: str) -> bool:
    """Is this the reason of one that listens and does not answer?"""
    return words.startswith(SILENCE)


def try_all(probes: Mapping[str, Probe]) -> dict[str, str]:
    """Ask each once; returns the unhealthy ones with the reason."""
    return {name: words for name, probe in probes.items() if (words := failure(probe))}


def failure(probe: Probe) -> str | None:
    try:
        probe()
    except Unhealthy as unhealthy:
        return str(unhealthy)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"an answer that can't be understood ({error})"
    return None


def wait(probes: Mapping[str, Probe], seconds: float) -> Iterator[tuple[str | None, dict[str, str]]]:
    """Ask until all are healthy or the time is over.

    Yields each name as it becomes healthy, and None after each round, with those that are still waited for;
    so that the caller can show progress, look at other signs, and stop.
    """
    pending = dict.fromkeys(probes, "not asked yet")
    deadline = time.monotonic() + seconds
    while pending and time.monotonic() < deadline:
        for name in list(pending):
            words = failure(probes[name])
            if words is None:
                del pending[name]
                yield name, pending
            else:
                pending[name] = words
        yield None, pending
        if pending:
            time.sleep(0.1)


def both(first: Probe, second: Probe) -> Probe:
    """One after the other."""

    def probe() -> None:
        first()
        second()

    return probe
