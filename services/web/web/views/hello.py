"""The ladder's hello, as it looks in a framework."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

__all__ = ["hello"]


@require_safe
def hello(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """Say hello in plain text."""
    return HttpResponse("Hello, World! This is an HTTP response.", content_type="text/plain; charset=utf-8")
