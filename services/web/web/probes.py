"""How to ask each kind of service whether it works: one question, one answer, within a short time.

Every probe blocks, opens what it needs, closes it before it returns, and turns whatever goes wrong into an
answer.
"""

import http.client
import json
import re
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, cast

import redis

from web.environment import Address
from web.store import explain

__all__ = [
    "DOWN",
    "FAILING",
    "UP",
    "Answer",
    "ask_health",
    "ask_locust",
    "ask_nginx",
    "ask_redis",
    "ask_tcp",
]

UP = "up"  # it can do its work
FAILING = "failing"  # it answers, and says that it can't do its work
DOWN = "down"  # it does not answer

#: Seconds for one step on the wire. A healthy service on the same host needs a few milliseconds.
STEP_TIMEOUT = 0.8

#: The most that is read of an answer: health is a line, Locust's figures are a few kilobytes for each task.
MAX_ANSWER_BYTES = 256 * 1024

#: RFC 9110 leaves the wording to us; nginx's page is fixed text (ngx_http_stub_status_module).
STUB_STATUS = re.compile(rb"Active connections: (\d+)\s+server accepts handled requests\s+\d+ \d+ (\d+)")


#: What the room on raw TCP says to who asks for its service's counts.
TCP_COUNTS = re.compile(rb"^\* open=(\d+) .*\bpieces=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What a service said. A count is None where the service doesn't tell it."""

    state: str
    reason: str = ""
    milliseconds: float | None = None
    connections: int | None = None
    requests: int | None = None
    note: str = ""


def timed(question: Callable[[], Answer]) -> Answer:
    """Ask, and add how long the answer took; what the network refuses becomes an answer of its own."""
    start = time.perf_counter()
    try:
        answer = question()
    except TimeoutError:
        return Answer(DOWN, "It accepts connections or packets, but does not answer in time.")
    except (OSError, http.client.HTTPException) as error:
        return Answer(DOWN, explain(error))
    return replace(answer, milliseconds=round((time.perf_counter() - start) * 1000, 3))


def fetch(address: Address, path: str) -> tuple[int, bytes]:
    """Return status and content of one GET over a connection of its own."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=STEP_TIMEOUT)
    try:
        # Every service of this stack answers to localhost, whatever name the network has for it.
        connection.request("GET", path, headers={"Host": "localhost", "Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read(MAX_ANSWER_BYTES)
    finally:
        connection.close()


def fields(content: bytes) -> Mapping[str, Any]:
    """Return a JSON object's members, or nothing when the content is no such object."""
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def count(members: Mapping[str, Any], name: str) -> int | None:
    """Return a member that is a whole number."""
    value = members.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def ask_health(address: Address) -> Answer:
    """Ask an HTTP service's ``/healthz``; its counts are taken where it tells them."""

    def question() -> Answer:
        status, content = fetch(address, "/healthz")
        members = fields(content)
        if status == http.client.OK:
            connections = count(members, "connections")
            if connections is None:
                connections = count(members, "open")
            return Answer(UP, connections=connections, requests=count(members, "requests"))
        reason = members.get("reason") or content[:200].decode("utf-8", "replace").strip()
        return Answer(FAILING, f"{status}: {reason}" if reason else f"It answers {status}.")

    return timed(question)


def converse(address: Address, sent: bytes, most: int) -> bytes:
    """Return what is said to these bytes until the other side closes, or to a little more than `most`."""
    received = b""
    with socket.create_connection(address, timeout=STEP_TIMEOUT) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while len(received) <= most and (piece := connection.recv(4096)):
            received += piece
    return received


def ask_tcp(echo: Address, room: Address) -> Answer:
    """Send the echo a few bytes that nobody can guess, and compare; then ask the room for the counts.

    The time is the echo's. A room without an ear for us, as under the iterative model, leaves the counts out.
    """

    def question() -> Answer:
        sent = secrets.token_bytes(8)
        received = converse(echo, sent, len(sent))
        if received != sent:
            return Answer(FAILING, f"{len(sent)} bytes went, {len(received)} others came back.")
        return Answer(UP)

    answer = timed(question)
    if answer.state == UP:
        with suppress(OSError):
            if found := TCP_COUNTS.search(converse(room, b"COUNTS\n", MAX_ANSWER_BYTES)):
                return replace(answer, connections=int(found[1]), requests=int(found[2]))
    return answer


def ask_nginx(address: Address) -> Answer:
    """Read nginx's own figures; our question is one of the requests that it counts."""

    def question() -> Answer:
        status, content = fetch(address, "/nginx_status")
        found = STUB_STATUS.search(content)
        if status != http.client.OK or found is None:
            return Answer(FAILING, f"It answers {status} where its status page should be.")
        return Answer(UP, connections=int(found[1]), requests=int(found[2]))

    return timed(question)


def ask_locust(address: Address) -> Answer:
    """Ask Locust's master what it is doing."""

    def question() -> Answer:
        status, content = fetch(address, "/locust/stats/requests")
        members = fields(content)
        if status != http.client.OK or "state" not in members:
            return Answer(FAILING, f"It answers {status} where its figures should be.")
        users = count(members, "user_count") or 0
        return Answer(UP, note=f"{users:,} users, {members['state']}" if users else str(members["state"]))

    return timed(question)


def ask_redis(client: redis.Redis) -> Answer:
    """Ask Redis for its figures, which it can't give while it loads or is out of memory."""

    def question() -> Answer:
        try:
            members = cast("Mapping[str, Any]", client.info())
        except redis.RedisError as error:
            return Answer(DOWN, explain(error))
        return Answer(
            UP,
            connections=count(members, "connected_clients"),
            requests=count(members, "total_commands_processed"),
        )

    return timed(question)
