"""Is the site alive, and can it do its work?"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.counts import counts
from web.probes import UP
from web.stack import ask_ourselves

__all__ = ["healthz", "livez"]


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """200 while the process serves at all: what decides whether it is started again."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """200 when the site can do its work. Rooms need Redis: without it 503, and why.

    And what all its processes together have done.
    """
    answer = ask_ourselves()
    if answer.state == UP:
        return JsonResponse({"status": "ok", **counts.totals()})
    return JsonResponse({"status": "failing", "reason": answer.reason, **counts.totals()}, status=503)
