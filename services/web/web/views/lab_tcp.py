"""/lab/tcp/: say something over a raw connection, and see every byte of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from web.lab.conversation import Conversation, converse
from web.lab.dump import readable, rows
from web.lab.problem import BadInput, Problem
from web.lab.tcp import as_python, as_shell, protocols
from web.lab.turns import turn
from web.lab.typed import from_hex, plain
from web.origin import own_pages_only
from web.views.front import visible_host

__all__ = ["lab_tcp"]

#: Bytes of a message. Enough for several screens, small enough to show each of them.
MOST_BYTES = 1024

#: Bytes that are sent one by one: each is a packet of its own, and a line on the page.
MOST_SINGLE_BYTES = 64

#: Seconds between single bytes, so that each is read on its own even on a busy machine.
SINGLE_BYTE_PAUSE = 0.002

DEFAULTS = {
    "protocol": "echo",
    "way": "nginx",
    "message": "Hello, stream!",
    "form": "text",
    "line_break": "on",
}

#: What a room wants to hear first, and a message. The room is the push lab's.
JOIN = "JOIN lab wire\nHello from the TCP lab"


@dataclass(frozen=True)
class Order:
    """What a visitor wants sent, checked."""

    protocol: str
    way: str
    data: bytes
    single_bytes: bool

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "Order":
        """Read the form. Raises `BadInput`."""
        protocol, way = fields.get("protocol", ""), fields.get("way", "")
        if protocol not in protocols() or way not in ("nginx", "direct"):
            raise BadInput("Choose one of the protocols and one of the two ways.")
        typed = fields.get("message", "")
        data = from_hex(typed) if fields.get("form") == "hex" else plain(typed)
        data += b"\n" if fields.get("line_break") else b""
        single_bytes = bool(fields.get("single_bytes"))
        if len(data) > MOST_BYTES:
            raise BadInput(f"The message is {len(data):,} bytes long; {MOST_BYTES:,} can be shown.")
        if single_bytes and len(data) > MOST_SINGLE_BYTES:
            raise BadInput(
                f"The message is {len(data):,} bytes long; up to {MOST_SINGLE_BYTES} are sent one by one."
            )
        return cls(protocol, way, data, single_bytes)


# A GET shows the form; a POST opens a connection, which a link must not do.
@own_pages_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lab_tcp(request: HttpRequest) -> HttpResponse:
    """Show the form, and what came of it."""
    if request.method != "POST":
        protocol = request.GET.get("protocol", "")
        return page(request, DEFAULTS | ({"protocol": "room", "message": JOIN} if protocol == "room" else {}))
    try:
        order = Order.read(request.POST)
        return page(request, request.POST, order=order, talk=carry_out(order))
    except Problem as problem:
        return page(request, request.POST, problem=str(problem), status=problem.status)


def carry_out(order: Order) -> Conversation:
    """Talk to the service."""
    pieces = [bytes([byte]) for byte in order.data] if order.single_bytes else [order.data]
    pause = SINGLE_BYTE_PAUSE if order.single_bytes else 0.0
    with turn():
        return converse(protocols()[order.protocol].address(order.way), pieces, pause=pause)


def page(
    request: HttpRequest,
    fields: Mapping[str, str],
    *,
    order: Order | None = None,
    talk: Conversation | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the page: the form as it was filled in, and below it the problem or the conversation."""
    context: dict[str, object] = {"fields": fields, "protocols": protocols().values(), "problem": problem}
    if order is not None and talk is not None:
        where = (visible_host(request), protocols()[order.protocol].port)
        context["talk"] = talk
        context["moments"] = [
            (moment, readable(moment.data), list(rows(moment.data))) for moment in talk.moments
        ]
        context["sent"] = sum(moment.way == "out" for moment in talk.moments)
        context["came"] = sum(moment.way == "in" for moment in talk.moments)
        context["shell"] = as_shell(order.data, *where)
        context["python"] = as_python(order.data, *where, single_bytes=order.single_bytes)
    return render(request, "lab_tcp.html", context, status=status)
