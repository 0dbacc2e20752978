"""The ladder: every service of the stack, what it adds, where it answers and how to try it."""

from dataclasses import dataclass, field

from web.probes import Answer
from web.results.result import Figure

__all__ = ["AROUND", "LABS", "PUSH", "RUNGS", "Lab", "Layer", "Link", "Rung", "Service", "Transport"]


@dataclass(frozen=True)
class Layer:
    """One layer of the cake: the name in the picture, and the class that colours it in the stylesheet."""

    label: str
    kind: str


@dataclass(frozen=True)
class Link:
    """Something to try: a page to open, or a command to copy. What stands in braces is filled in."""

    text: str
    href: str = ""
    command: str = ""


@dataclass(frozen=True)
class Service:
    """One folder, image, Compose service, upstream and Locust tag."""

    name: str
    title: str
    adds: str
    path: str
    links: tuple[Link, ...]
    layers: tuple[Layer, ...] = field(default=())
    counts: str = "requests"


@dataclass(frozen=True)
class Transport:
    """One way in which a message reaches who listens: a rung of the push ladder."""

    kind: str
    bench: str  # what the bench calls it
    title: str
    reaches: str
    costs: str
    path: str
    service: str
    command: str
    room: str = "lobby"


@dataclass(frozen=True)
class Lab:
    """A page on which one sees a part of the ladder at work."""

    href: str
    title: str
    shows: str
    kind: str


@dataclass(frozen=True)
class Rung:
    """A service together with what it last said, and what it costs, where that was measured."""

    service: Service
    answer: Answer
    rate: float | None
    cost: Figure | None = None


TCP = Layer("TCP", "tcp")
HTTP = Layer("HTTP", "http")
WSGI = Layer("WSGI", "wsgi")
DJANGO = Layer("Django", "django")
ASGI = Layer("ASGI", "asgi")
CHANNELS = Layer("Channels", "channels")
FRAMES = Layer("WebSocket", "websocket")

#: From the ground up. Each one's last layers are what it adds to the one before.
RUNGS = (
    Service(
        name="tcp",
        title="A raw connection",
        adds="A listener, a connection, bytes that come back as they went. No messages, only a stream.",
        path=":{tcp_echo_port}",
        layers=(TCP,),
        links=(
            Link("See every byte of it", href="/lab/tcp/"),
            Link("echo", command="printf hi | nc {host} {tcp_echo_port}"),
        ),
        counts="reads",  # a stream has no requests: how often bytes came in
    ),
    Service(
        name="httpd",
        title="HTTP by hand",
        adds="A request-line, field lines, a length that says where the content ends: HTTP/1.1 on a socket.",
        path="/httpd/",
        layers=(TCP, HTTP),
        links=(
            Link("Send it your own bytes", href="/lab/http/"),
            Link("A page with an image", href="/httpd/"),
            Link("Hello", href="/httpd/hello"),
            Link("Your request, as it arrived", href="/httpd/inspect"),
        ),
    ),
    Service(
        name="httpd-wsgi",
        title="Server and application apart",
        adds="PEP 3333 draws a line: an environ goes in, an iterable of bytes comes out. Any two fit.",
        path="/httpd-wsgi/",
        layers=(TCP, HTTP, WSGI),
        links=(
            Link("Four servers side by side", href="/lab/wsgi/"),
            Link("Hello", href="/httpd-wsgi/hello"),
        ),
    ),
    Service(
        name="web",
        title="The framework",
        adds="Django on Gunicorn: routing, middleware, views, templates, on that contract. This page is one.",
        path="/",
        layers=(TCP, HTTP, WSGI, DJANGO),
        links=(
            Link("Hello", href="/hello/"),
            Link("State of the stack, as JSON", href="/status/"),
            Link("echo", command="curl --data-binary hi {origin}/echo"),
        ),
    ),
    Service(
        name="realtime",
        title="A connection that stays",
        adds="ASGI and Channels: a handshake makes a WebSocket of a request, with messages both ways.",
        path="/ws/",
        layers=(TCP, HTTP, ASGI, CHANNELS, FRAMES),
        links=(
            Link("Every frame, bit by bit", href="/lab/websocket/"),
            Link("Five ways to push", href="/lab/push/"),
            Link("Echo and a room, on this page", href="#try"),
        ),
    ),
)

#: The same message in the same room, from the transport that asks the most to the ones that ask nothing.
PUSH = (
    Transport(
        kind="django",
        bench="push-polling",
        title="Polling",
        reaches="asks again and again whether there is something new.",
        costs="A request for nothing, most of the time; a message is late by half the interval.",
        path="/rooms/{room}/messages",
        service="web",
        command="curl '{origin}/rooms/{room}/messages?after=0'",
    ),
    Transport(
        kind="asgi",
        bench="push-long-polling",
        title="Long polling",
        reaches="asks once, and the answer waits until there is something to say.",
        costs="A request a message, and a server that can let thousands wait.",
        path="/rooms/{room}/wait",
        service="realtime",
        command="curl '{origin}/rooms/{room}/wait?timeout=25'",
    ),
    Transport(
        kind="channels",
        bench="push-stream",
        title="Streaming",
        reaches="asks once, and the answer never ends: server-sent events.",
        costs="A connection that stays, one way. After a loss it goes on where it was.",
        path="/rooms/{room}/events",
        service="realtime",
        command="curl -N '{origin}/rooms/{room}/events'",
    ),
    Transport(
        kind="websocket",
        bench="push-websocket",
        title="WebSocket",
        reaches="makes a connection of the request, with messages both ways.",
        costs="A few bytes of frame around each message, and a protocol of its own.",
        path="/ws/rooms/{room}",
        service="realtime",
        command="python -m websockets {sockets}/ws/rooms/{room}",
    ),
    Transport(
        kind="tcp",
        bench="push-tcp",
        title="Raw TCP",
        reaches="is connected, and there is nothing else: a line a message, both ways.",
        costs="No browser speaks it, and every rule of the protocol is our own.",
        path=":{tcp_room_port}",
        service="tcp",
        command="(echo JOIN {room} you; cat) | nc {host} {tcp_room_port}",
    ),
)

#: What stands around the ladder.
AROUND = (
    Service(
        name="nginx",
        title="The front door",
        adds="One address for all of them. It routes, limits, waits for slow clients and serves files.",
        path="{origin}",
        links=(),
    ),
    Service(
        name="redis",
        title="The memory",
        adds="Keeps the log of every room, and wakes those who listen, whichever process they have come to.",
        path="not published",
        links=(),
        counts="commands",
    ),
    Service(
        name="locust",
        title="The load",
        adds="Sends the same requests to every rung, directly and through nginx, and checks each reply.",
        path="/locust/",
        links=(
            Link("Put load on a rung", href="/locust/"),
            Link("What a test shows in microseconds", href="/locust/layercake/"),
        ),
    ),
)

LABS = (
    Lab(
        "/lab/tcp/",
        "A raw connection",
        "Send bytes and see each of them go and come, with microseconds. Cut a message up and watch it stop "
        "being one.",
        "tcp",
    ),
    Lab(
        "/lab/http/",
        "A request, byte by byte",
        "Write a request, right or wrong, send exactly that to three servers, and see who refuses it.",
        "http",
    ),
    Lab(
        "/lab/wsgi/",
        "The same application, four servers",
        "What a server hands to an application: one request as wsgiref, Werkzeug, httpd and Gunicorn put it.",
        "wsgi",
    ),
    Lab(
        "/lab/websocket/",
        "A WebSocket, bit by bit",
        "The handshake and its arithmetic, and every frame as it stands on the wire, right or wrong.",
        "channels",
    ),
    Lab(
        "/lab/push/",
        "One message, five ways",
        "Polling, long polling, streaming, WebSocket and raw TCP in one room: what each costs, and when.",
        "websocket",
    ),
)
