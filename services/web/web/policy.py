"""What a page of ours may load and do: its own site's files, and nothing written into the page itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

__all__ = ["POLICY", "ContentSecurityPolicy"]

#: Everything is forbidden; then, one by one, what the pages need. There is no 'unsafe-inline' and no other
#: host.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",  # the status, and the WebSocket of the same host and port
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


class ContentSecurityPolicy:
    """Middleware that puts the policy on every response, and switches off what no page uses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response with its policy."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response
