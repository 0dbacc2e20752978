"""The front page: the ladder, with the state of every rung."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.ladder import AROUND, LABS, PUSH, RUNGS, Rung, Service, Transport
from web.picture import NARROW, WIDE
from web.results.result import Figure
from web.results.shelf import last_costs
from web.stack import survey
from web.survey import Report

__all__ = ["front", "placeholders", "visible_host"]


@never_cache
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show the whole ladder; the page is complete as it is, and a script keeps its figures fresh."""
    return HttpResponse(drawn(survey().latest(), tuple(placeholders(request).items())))


@lru_cache(maxsize=8)
def drawn(report: Report, places: tuple[tuple[str, str], ...]) -> str:
    """Draw it once for each report, which is a second old at most, and each name by which visitors came: it
    is the page that costs most, and hundreds who ask for it would have everybody wait.
    """
    known = dict(places)
    run, costs = last_costs("ladder")
    push_run, push_costs = last_costs("push")
    rungs = with_state(RUNGS, report, known, costs)
    around = with_state(AROUND, report, known, {})
    return render_to_string(
        "front.html",
        {
            "rungs": rungs,
            "around": {rung.service.name: rung for rung in around},
            "push": [
                (transport, report.answers[transport.service], push_costs.get(transport.bench))
                for transport in transports(known)
            ],
            "labs": LABS,
            "measured": run,
            "push_measured": push_run,
            "wide": WIDE.bars(rungs),
            "narrow": NARROW.bars(rungs),
            "at": report.at,
        },
    )


def placeholders(request: HttpRequest) -> dict[str, str]:
    """Return what a visitor must type to come back here: the name by which they came, the published ports."""
    return {
        "origin": f"{request.scheme}://{request.get_host()}",
        "sockets": f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}",
        "host": visible_host(request),
        "tcp_echo_port": str(settings.TCP_ECHO_PORT),
        "tcp_room_port": str(settings.TCP_ROOM_PORT),
    }


def visible_host(request: HttpRequest) -> str:
    """Return the name or address by which the visitor came, without the port."""
    try:
        return urlsplit(f"//{request.get_host()}").hostname or "127.0.0.1"
    except ValueError:  # in brackets, but no address
        return "127.0.0.1"


def with_state(
    services: Iterable[Service], report: Report, places: dict[str, str], costs: Mapping[str, Figure]
) -> list[Rung]:
    """Return each service with its addresses filled in, its answer, and what it costs."""
    return [
        Rung(
            filled(service, places),
            report.answers[service.name],
            report.rates.get(service.name),
            costs.get(f"{service.name}-echo"),
        )
        for service in services
    ]


def transports(places: dict[str, str]) -> list[Transport]:
    """Return the push ladder with this stack's own addresses in it."""
    return [
        replace(
            transport,
            path=transport.path.format_map({**places, "room": transport.room}),
            command=transport.command.format_map({**places, "room": transport.room}),
        )
        for transport in PUSH
    ]


def filled(service: Service, places: dict[str, str]) -> Service:
    """Return the service with this stack's own host and ports in its address and commands."""
    links = tuple(replace(link, command=link.command.format_map(places)) for link in service.links)
    return replace(service, path=service.path.format_map(places), links=links)
