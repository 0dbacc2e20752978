"""/lab/push/: one room, heard in five ways at once."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.views.front import placeholders

__all__ = ["lab_push"]

#: The room that every visitor of the page shares.
ROOM = "lab"


@dataclass(frozen=True)
class Transport:
    """One way in which a message reaches who listens."""

    kind: str
    title: str
    says: str
    path: str
    served_by: str
    command: str


TRANSPORTS = (
    Transport(
        "polling",
        "Polling",
        "asks once a second whether there is something new. Mostly there is not.",
        "/rooms/{room}/messages?after=N",
        "web",
        "curl '{origin}/rooms/{room}/messages?after=0'",
    ),
    Transport(
        "long-polling",
        "Long polling",
        "asks once, and the answer waits until there is something to say.",
        "/rooms/{room}/wait?after=N",
        "realtime",
        "curl '{origin}/rooms/{room}/wait?timeout=25'",
    ),
    Transport(
        "streaming",
        "Streaming",
        "asks once, and the answer never ends: server-sent events.",
        "/rooms/{room}/events?after=N",
        "realtime",
        "curl -N '{origin}/rooms/{room}/events'",
    ),
    Transport(
        "websocket",
        "WebSocket",
        "turns the request into a connection both ways, and there are only messages left.",
        "/ws/rooms/{room}?after=N",
        "realtime",
        "curl -d author=me -d text=hello {origin}/rooms/{room}/messages",
    ),
)

#: The room without any of them: what to type, since a browser opens no raw connection.
LINES = "(echo JOIN {room} you; cat) | nc {host} {tcp_room_port}"


@never_cache
@require_safe
def lab_push(request: HttpRequest) -> HttpResponse:
    """Show the panes; the page's script brings them to life."""
    places = {**placeholders(request), "room": ROOM}
    transports = [
        {
            "transport": transport,
            "path": transport.path.format_map(places),
            "command": transport.command.format_map(places),
        }
        for transport in TRANSPORTS
    ]
    return render(
        request,
        "lab_push.html",
        {
            "room": ROOM,
            "transports": transports,
            "origin": places["origin"],
            "lines": LINES.format_map(places),
        },
    )
