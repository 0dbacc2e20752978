"""Our own error pages. Each says what happened and what to do next."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.defaults import ERROR_500_TEMPLATE_NAME

__all__ = ["bad_request", "forbidden", "not_found", "server_error"]


def page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    """Return an error page in the site's own clothes."""
    return render(request, "error.html", {"status": status, "title": title, "advice": advice}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a host name that ALLOWED_HOSTS does not hold, or a form that no page of ours has sent."""
    advice = "Go back, load the page again, and try once more from there."
    if isinstance(exception, DisallowedHost):
        advice = (
            "Check the address. If it is the right machine under another name, "
            "add that name to ALLOWED_HOSTS in .env and start the stack again."
        )
    return page(request, 400, "This request makes no sense here", advice)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """403: refused on purpose."""
    return page(
        request, 403, "This is not allowed", "Go back, load the page again, and try once more from there."
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """403: a form without its token, as from a page that has been open for too long."""
    return forbidden(request, PermissionError())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """404: no such page."""
    return page(
        request,
        404,
        "There is nothing at this address",
        "Check the spelling, or start again from the front page: everything is linked from there.",
    )


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """500: our mistake. The page needs no context and no hashed name, since either may be what failed."""
    return HttpResponse(loader.get_template(ERROR_500_TEMPLATE_NAME).render(), status=500)
