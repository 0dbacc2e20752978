"""What every HTTP request passes, in the event loop: Django's own would take it to a thread and back."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from realtime.counters import counters

__all__ = ["guard"]

Now = Callable[[HttpRequest], HttpResponseBase]
Later = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def guard(get_response: Now | Later) -> Now | Later:
    """Count the request, refuse foreign host names, and say how long and what a response is.

    Requests come by the event loop; the handshakes of views that talk over WebSockets come in a thread.
    """

    async def respond(request: HttpRequest) -> HttpResponseBase:
        counters.requests += 1
        return described(refusal(request) or await get_response(request))  # type: ignore[misc] # it is asynchronous

    def respond_now(request: HttpRequest) -> HttpResponseBase:
        return described(refusal(request) or get_response(request))  # type: ignore[arg-type] # it is synchronous

    return respond if iscoroutinefunction(get_response) else respond_now


def refusal(request: HttpRequest) -> HttpResponse | None:
    """400 for a host name that is not ours, 405 for TRACE, and nothing to say to the others."""
    try:
        request.get_host()
    except DisallowedHost:
        text = "This host name is not served here; ALLOWED_HOSTS names those that are.\n"
        return HttpResponse(text, "text/plain; charset=utf-8", 400)
    if request.method == "TRACE":  # it would show a page what its browser sends along and hides from it
        return HttpResponse("TRACE is not answered here.\n", "text/plain; charset=utf-8", 405)
    return None


def described(response: HttpResponseBase) -> HttpResponseBase:
    """No browser is to guess what it is, and one that is whole says how long it is."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if isinstance(response, HttpResponse):
        response.headers["Content-Length"] = str(len(response.content))
    return response
