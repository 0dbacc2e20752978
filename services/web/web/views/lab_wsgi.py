"""/lab/wsgi/: one request, one application, four servers, and the environ that each of them makes of it."""

import inspect
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from web.lab import specimen
from web.lab.anatomy import requests, responses
from web.lab.environ_shelf import ENVIRON_SHELF, SAMPLES
from web.lab.environs import compare
from web.lab.outcome import Outcome
from web.lab.problem import Problem, Unreachable
from web.lab.request import compose
from web.lab.server import SERVERS, Note, Server, call, places
from web.lab.turns import turn
from web.lab.wire import shown
from web.origin import own_pages_only

__all__ = ["lab_wsgi"]

#: Seconds between head and content, where the content is to come later.
LATER = 0.3

#: Fields that are about the visitor's own connection and content; and Host, which is put first.
LEFT_OUT = {"Host", "Content-Length", "Content-Type", "Connection", "Transfer-Encoding"}

#: Characters of one of the visitor's own field values.
MOST_CHARACTERS = 300

#: The application, as the page shows it.
SOURCE = inspect.getsource(specimen.application)


@dataclass(frozen=True, kw_only=True)
class Served(Outcome):
    """What one server made of the request."""

    server: Server
    note: Note | None = None


# A GET shows the form; a POST starts servers, which a link must not do.
@own_pages_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lab_wsgi(request: HttpRequest) -> HttpResponse:
    """Show the form, and what came of it."""
    if request.method != "POST":
        sample = ENVIRON_SHELF.get(request.GET.get("show", ""), SAMPLES[0])
        form = asdict(sample)
        if sample is SAMPLES[0]:
            form["fields"] = own_fields(request)
        return page(request, form, look=sample.look)
    try:
        pieces = compose(request.POST, "", request.get_host())
        outcomes = ask_all(pieces)
    except Problem as problem:
        return page(request, request.POST, problem=str(problem), status=problem.status)
    return page(request, request.POST, pieces=pieces, outcomes=outcomes)


def own_fields(request: HttpRequest) -> str:
    """Return the field lines of the visitor's request, but those that are about its connection or content."""
    lines = ["Host: {host}"]
    for name, value in request.headers.items():
        if value and name not in LEFT_OUT and not name.startswith("X-"):
            lines.append(f"{name}: {value[:MOST_CHARACTERS]}".replace("\\", "\\\\").replace("{", r"\x7b"))
    return "\n".join(lines)


def ask_all(pieces: list[bytes]) -> list[Served]:
    """Have all four servers answer, at the same time. Raises `Busy`."""
    with turn(), turn(places), ThreadPoolExecutor(len(SERVERS)) as threads:
        return list(threads.map(lambda server: ask(server, pieces), SERVERS.values()))


def ask(server: Server, pieces: list[bytes]) -> Served:
    """Have one server answer."""
    methods = [message.method for message in requests(b"".join(pieces))][:1]

    def finished(received: bytes) -> bool:
        return any(message.complete and not message.interim for message in responses(received, methods))

    try:
        talk, note = call(server, pieces, pause=LATER, finished=finished)
    except Unreachable as problem:
        return Served(server=server, messages=[], problem=str(problem))
    return Served(server=server, messages=responses(talk.received, methods), talk=talk, note=note)


def page(
    request: HttpRequest,
    form: Mapping[str, object],
    *,
    look: str = "",
    problem: str = "",
    pieces: list[bytes] | None = None,
    outcomes: list[Served] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page: the form as it was filled in, and the problem or what each server made of it."""
    context: dict[str, object] = {
        "form": form,
        "look": look,
        "samples": SAMPLES,
        "servers": SERVERS.values(),
        "source": SOURCE,
        "problem": problem,
    }
    if outcomes is not None:
        called = [outcome for outcome in outcomes if outcome.note]
        groups = compare({outcome.server.title: outcome.note for outcome in called if outcome.note})
        context |= {
            "sent": [shown(message) for message in requests(b"".join(pieces or []))],
            "outcomes": outcomes,
            "called": called,
            "groups": groups,
            "differ": sum(row.differs for group in groups for row in group.rows),
            "rows": sum(len(group.rows) for group in groups),
        }
    return render(request, "lab_wsgi.html", context, status=status)
