"""One user a rung and job, in the order of the ladder."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from locust import tag, task

from loadtests.clients.http import HttpClient, request
from loadtests.clients.tcp import TcpClient
from loadtests.clients.websocket import WebSocketClient
from loadtests.users.exchange import ExchangeUser, payloads

if TYPE_CHECKING:
    from loadtests.addresses import Target
    from loadtests.users.exchange import Client

__all__ = ["LADDER", "HttpdEcho", "HttpdHello", "RealtimeEcho", "TcpEcho", "WebEcho", "WebHello", "WsgiEcho"]


class TcpEcho(ExchangeUser):
    """Bytes over a connection, and nothing else."""

    service, method, job = "tcp", "TCP", "echo"

    def connect(self) -> Client:
        return TcpClient(self.target.address, self.settings.reply_timeout)

    def messages(self) -> list[tuple[bytes, ...]]:
        return [(payload,) for payload in payloads(self.settings.payload)]

    @tag("tcp")
    @task
    def echo(self) -> None:
        self.exchange_for_a_moment()


class HttpUser(ExchangeUser):
    """A user of one HTTP path."""

    abstract = True
    path: ClassVar[str]

    def connect(self) -> Client:
        return HttpClient(self.target.address, self.settings.reply_timeout)


class HelloUser(HttpUser):
    """Asks for the greeting."""

    abstract = True
    method, job = "GET", "hello"
    greeting: ClassVar[bytes]

    def messages(self) -> list[tuple[bytes, ...]]:
        message = request(self.method, self.target.prefix + self.path, self.target.address)
        return [(message, self.greeting)]


class EchoUser(HttpUser):
    """Posts a payload and gets it back."""

    abstract = True
    method, job, path = "POST", "echo", "/echo"

    def messages(self) -> list[tuple[bytes, ...]]:
        return echo_requests(self.target, self.path, self.settings.payload)


@lru_cache(maxsize=8)
def echo_requests(target: Target, path: str, size: int) -> list[tuple[bytes, ...]]:
    """Requests and the content expected for each; shared by all users of a process."""
    return [
        (request("POST", target.prefix + path, target.address, payload), payload)
        for payload in payloads(size)
    ]


class HttpdHello(HelloUser):
    """The smallest exchange over HTTP that we wrote by hand."""

    service, path = "httpd", "/hello"
    greeting = b"Hello, World! This is an HTTP response."

    @tag("httpd")
    @task
    def hello(self) -> None:
        self.exchange_for_a_moment()


class HttpdEcho(EchoUser):
    """HTTP by hand, with content both ways."""

    service = "httpd"

    @tag("httpd")
    @task
    def echo(self) -> None:
        self.exchange_for_a_moment()


class WsgiEcho(EchoUser):
    """The same server with a WSGI application behind it."""

    service = "httpd-wsgi"

    @tag("httpd-wsgi")
    @task
    def echo(self) -> None:
        self.exchange_for_a_moment()


class WebHello(HelloUser):
    """Django's smallest view."""

    service, path = "web", "/hello/"
    greeting = b"Hello, World! This is an HTTP response."

    @tag("web")
    @task
    def hello(self) -> None:
        self.exchange_for_a_moment()


class WebEcho(EchoUser):
    """Django, with content both ways."""

    service = "web"

    @tag("web")
    @task
    def echo(self) -> None:
        self.exchange_for_a_moment()


class RealtimeEcho(ExchangeUser):
    """A WebSocket that stays open."""

    service, method, job = "realtime", "WS", "echo"

    def connect(self) -> Client:
        return WebSocketClient(self.target.address, "/ws/echo", self.settings.reply_timeout)

    def messages(self) -> list[tuple[bytes, ...]]:
        return [(payload,) for payload in payloads(self.settings.payload)]

    @tag("realtime")
    @task
    def echo(self) -> None:
        self.exchange_for_a_moment()


LADDER: tuple[type[ExchangeUser], ...] = (
    TcpEcho,
    HttpdHello,
    HttpdEcho,
    WsgiEcho,
    WebHello,
    WebEcho,
    RealtimeEcho,
)
