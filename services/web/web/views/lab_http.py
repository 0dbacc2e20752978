"""/lab/http/: send exact bytes to the stack's HTTP servers, and see how each of them reads them."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from web.lab.anatomy import KINDS, Kind, Message, requests, responses
from web.lab.conversation import converse
from web.lab.outcome import Outcome
from web.lab.problem import BadInput, Problem, Unreachable
from web.lab.request import DESTINATIONS, Destination, compose
from web.lab.shelf import MALFORMED, SHELF, WELL_FORMED
from web.lab.turns import turn
from web.lab.wire import shown
from web.origin import own_pages_only

__all__ = ["lab_http"]

#: Seconds between head and content, where the content is to come later: time for a 100 (Continue).
LATER = 0.3

#: Where a picked request goes unless the visitor says otherwise.
USUAL = ("httpd", "nginx-httpd", "web")


@dataclass(frozen=True, kw_only=True)
class Arrival(Outcome):
    """What became of the request at one destination."""

    destination: Destination

    @property
    def microseconds(self) -> int | None:
        """The time from the first bytes out to the first in."""
        moments = self.talk.moments if self.talk else []
        came = next((moment.microseconds for moment in moments if moment.way == "in"), None)
        went = [moment.microseconds for moment in moments if moment.way == "out"]
        return came - went[0] if came is not None and went else None


# A GET shows the form, filled in from the shelf; a POST sends bytes, which a link must not do.
@own_pages_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lab_http(request: HttpRequest) -> HttpResponse:
    """Show the form, and what came of it."""
    if request.method != "POST":
        sample = SHELF.get(request.GET.get("show", ""), SHELF["get"])
        return page(request, asdict(sample), USUAL, look=sample.look)
    to = [name for name in request.POST.getlist("to") if name in DESTINATIONS]
    try:
        outcomes = send(request.POST, to, request.get_host())
    except Problem as problem:
        return page(request, request.POST, to, problem=str(problem), status=problem.status)
    sent = requests(b"".join(compose(request.POST, DESTINATIONS[to[0]].prefix, request.get_host())))
    return page(request, request.POST, to, sent=sent, outcomes=outcomes)


def send(form: QueryDict, to: list[str], host: str) -> list[Arrival]:
    """Send the request to each destination at the same time. Raises `BadInput` and `Busy`."""
    if not to:
        raise BadInput("Choose at least one server to send to.")
    pieces = {name: compose(form, DESTINATIONS[name].prefix, host) for name in to}
    with turn(), ThreadPoolExecutor(len(to)) as threads:
        return list(threads.map(lambda name: ask(DESTINATIONS[name], pieces[name]), to))


def ask(destination: Destination, pieces: list[bytes]) -> Arrival:
    """Send the request to one destination, and listen until every request in it has its response."""
    methods = [message.method for message in requests(b"".join(pieces))]

    def finished(received: bytes) -> bool:
        final = [
            message for message in responses(received, methods) if message.complete and not message.interim
        ]
        return len(final) >= len(methods)

    try:
        # No half-close: to a server it looks like a client that has gone.
        talk = converse(destination.address, pieces, pause=LATER, half_close=False, finished=finished)
    except Unreachable as problem:
        return Arrival(destination=destination, messages=[], problem=str(problem))
    return Arrival(destination=destination, messages=responses(talk.received, methods), talk=talk)


def page(
    request: HttpRequest,
    form: Mapping[str, object],
    to: Iterable[str],
    *,
    look: str = "",
    problem: str = "",
    sent: list[Message] | None = None,
    outcomes: Iterable[Arrival] = (),
    status: int = 200,
) -> HttpResponse:
    """Return the page: the form as it was filled in, and the problem or what each server made of it."""
    context = {
        "form": form,
        "to": list(to),
        "look": look,
        "destinations": DESTINATIONS.values(),
        "shelves": [("Well-formed", WELL_FORMED), ("Malformed", MALFORMED)],
        "problem": problem,
        "sent": [shown(message) for message in sent or []],
        "faults": [part.fault for message in sent or [] for part in message.parts if part.fault],
        "outcomes": list(outcomes),
        "legend": legend([*(sent or []), *(message for outcome in outcomes for message in outcome.messages)]),
    }
    return render(request, "lab_http.html", context, status=status)


def legend(messages: Iterable[Message]) -> list[tuple[str, Kind]]:
    """Return the kinds of part that occur, in the order in which a message has them."""
    occurring = {part.kind for message in messages for part in message.parts}
    return [(name, kind) for name, kind in KINDS.items() if name in occurring]
