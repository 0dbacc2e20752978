"""The clients that people usually take, as Locust users, and a loop without Locust: what ours are compared
with.

They do what ours do: one request after another over a connection that stays open, each reply compared with
what was sent. `python -m loadtests.ceilings` runs them; the address to use is in RIVAL_ADDRESS.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
import websocket
from locust import FastHttpUser, HttpUser, User, task

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from loadtests.addresses import Address

if TYPE_CHECKING:
    from locust.env import Environment

__all__ = ["FastHttpEcho", "RequestsEcho", "WebSocketClientEcho", "bare_loop"]

ADDRESS = Address.parse(os.environ.get("RIVAL_ADDRESS", "127.0.0.1:1"), "RIVAL_ADDRESS")

PAYLOAD = b"0123456789abcdef" * 4


class FastHttpEcho(FastHttpUser):
    """Locust's fast client: geventhttpclient."""

    host = f"http://{ADDRESS}"

    @task
    def echo(self) -> None:
        with self.client.post("/echo", data=PAYLOAD.decode(), catch_response=True) as response:
            if response.content != PAYLOAD:
                response.failure("the content is not what it should be")


class RequestsEcho(HttpUser):
    """Locust's usual client: requests."""

    host = f"http://{ADDRESS}"

    @task
    def echo(self) -> None:
        with self.client.post("/echo", data=PAYLOAD, catch_response=True) as response:
            if response.content != PAYLOAD:
                response.failure("the content is not what it should be")


class WebSocketClientEcho(User):
    """The `websocket-client` package, timed through Locust's request event, as its documentation shows."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.socket = websocket.create_connection(f"ws://{ADDRESS}/ws/echo")

    @task
    def echo(self) -> None:
        start = time.perf_counter()
        self.socket.send_binary(PAYLOAD)
        reply = self.socket.recv()
        self.environment.events.request.fire(
            request_type="WS",
            name="echo",
            response_time=(time.perf_counter() - start) * 1000,
            response_length=len(reply),
            exception=None if reply == PAYLOAD else ValueError("another message came back than was sent"),
            context={},
        )


def bare_loop(address: Address, users: int, seconds: float) -> int:
    """Exchanges of greenlets that send and receive and nothing else: no Locust, no statistics."""
    done = 0
    end = time.perf_counter() + seconds

    def talk() -> None:
        nonlocal done
        with socket.create_connection(address) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter() < end:
                connection.sendall(PAYLOAD)
                if connection.recv(65536) != PAYLOAD:
                    raise ValueError("other bytes came back than were sent")
                done += 1

    gevent.joinall([gevent.spawn(talk) for _ in range(users)], raise_error=True)
    return done


if __name__ == "__main__":
    began = time.process_time()
    exchanges = bare_loop(ADDRESS, int(sys.argv[1]), float(sys.argv[2]))
    sys.stdout.write(f"{exchanges} {time.process_time() - began}\n")
