"""/lab/websocket/: a handshake and frames, sent byte by byte to this stack's own realtime service."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from web.lab.anatomy import Message, requests, responses
from web.lab.client import Client, refused
from web.lab.conversation import converse
from web.lab.film import Film
from web.lab.frame_shelf import FRAME_SHELF, SHELVES
from web.lab.handshake import GUID, fresh_key
from web.lab.problem import BadInput, Problem
from web.lab.script import compose
from web.lab.turns import turn
from web.lab.typed import escaped
from web.lab.wire import shown
from web.origin import own_pages_only

__all__ = ["lab_websocket"]

#: Seconds between two frames, so that the answer to one comes before the next, and the page shows them so.
PAUSE = 0.06

#: Bytes of a handshake: a few times what a browser's has.
MOST_HANDSHAKE = 4 * 1024

#: Where one can connect to. The room is the push lab's.
PATHS = {"echo": "/ws/echo", "echo-once": "/ws/echo-once", "room": "/ws/rooms/lab"}

#: Through which door, and the setting with its address.
WAYS = {"nginx": "NGINX_ADDRESS", "direct": "REALTIME_ADDRESS"}


@dataclass(frozen=True)
class Order:
    """What a visitor wants sent, checked."""

    way: str
    handshake: bytes
    frames: list[bytes]

    @classmethod
    def read(cls, form: Mapping[str, str], host: str) -> "Order":
        """Read the form. Raises `BadInput`."""
        to, way = form.get("to", ""), form.get("way", "")
        if to not in PATHS or way not in WAYS:
            raise BadInput("Choose one of the three to connect to, and one of the two ways.")
        places = {"{path}": PATHS[to], "{host}": host, "{key}": fresh_key()}
        text = form.get("handshake", "").strip("\r\n")
        for name, value in places.items():
            text = text.replace(name, value)
        handshake = escaped(f"{text}\n\n")
        if len(handshake) > MOST_HANDSHAKE:
            raise BadInput(
                f"The handshake is {len(handshake):,} bytes long; the lab sends {MOST_HANDSHAKE:,} at most."
            )
        return cls(way, handshake, compose(form.get("frames", "")))


# A GET shows the form; a POST opens a connection, which a link must not do.
@own_pages_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lab_websocket(request: HttpRequest) -> HttpResponse:
    """Show the form, and what came of it."""
    if request.method != "POST":
        talk = FRAME_SHELF.get(request.GET.get("show", ""), FRAME_SHELF["hello"])
        return page(request, {**asdict(talk), "way": "nginx"}, look=talk.look)
    try:
        order = Order.read(request.POST, request.get_host())
        return page(request, request.POST, film=carry_out(order))
    except Problem as problem:
        return page(request, request.POST, problem=str(problem), status=problem.status)


def carry_out(order: Order) -> Film:
    """Talk to the service."""
    with turn():
        talk = converse(
            getattr(settings, WAYS[order.way]),
            [order.handshake],
            pause=PAUSE,
            half_close=False,
            finished=refused,
            follow=Client(order.frames),
        )
    return Film(talk, order.handshake)


def page(
    request: HttpRequest,
    form: Mapping[str, object],
    *,
    look: str = "",
    film: Film | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the page: the form as it was filled in, and below it the problem or the conversation."""
    context: dict[str, object] = {
        "form": form,
        "look": look,
        "shelves": SHELVES,
        "paths": PATHS,
        "guid": GUID,
        "problem": problem,
    }
    if film is not None:
        sent = requests(film.request)
        came = responses(film.handshake.received, [sent[0].method] if sent else [])
        context |= {
            "film": film,
            "sent": [shown(message) for message in sent],
            "came": [shown(message) for message in came],
            "faults": faults([*sent, *came]),
        }
    return render(request, "lab_websocket.html", context, status=status)


def faults(messages: list[Message]) -> list[str]:
    """Return what is wrong with the handshake as HTTP."""
    return [part.fault for message in messages for part in message.parts if part.fault]
