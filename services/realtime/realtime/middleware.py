"""What every HTTP request passes, in the event loop: Django's own would take it to a thread and back."""

from collections.abc import Awaitable, Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import async_only_middleware

from realtime.counters import counters

__all__ = ["guard"]

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@async_only_middleware
def guard(get_response: GetResponse) -> GetResponse:
    """Count the request, refuse foreign host names, and say how long and what a response is."""

    async def respond(request: HttpRequest) -> HttpResponseBase:
        counters.requests += 1
        try:
            request.get_host()
        except DisallowedHost:
            text = "This host name is not served here; ALLOWED_HOSTS names those that are.\n"
            response: HttpResponseBase = HttpResponse(text, "text/plain; charset=utf-8", 400)
        else:
            response = await get_response(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if isinstance(response, HttpResponse):  # whole, not streamed
            response.headers["Content-Length"] = str(len(response.content))
        return response

    return respond
