"""The live state of the stack, for the front page."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.stack import survey

__all__ = ["status"]


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """What each service said within the last second or so."""
    return JsonResponse(survey().latest().as_json())
