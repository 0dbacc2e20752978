"""A response to HEAD: the same as to GET, without its content (RFC 9110, section 9.3.2)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

__all__ = ["WithoutContent"]


class WithoutContent:
    """Middleware that drops the content after Content-Length has been counted.

    Django leaves this to the server. Gunicorn does it, and logs a warning about the application each time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, empty if only its head was asked for."""
        response = self.get_response(request)
        if request.method == "HEAD":
            if response.streaming:
                response.close()
            response.content = b""
        return response
