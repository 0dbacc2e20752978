"""The ladder's echo, as it looks in a framework: bytes in, the same bytes out."""

from typing import IO, cast

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

__all__ = ["echo"]


# Exempt from the CSRF check: no cookie gives anyone rights here, and nothing is changed. A token would only
# make the request another one than on the rungs below.
@csrf_exempt
@require_POST
def echo(request: WSGIRequest) -> HttpResponse:
    """Answer with the content of the request, or 413 when it is longer than the limit."""
    content = read(request)
    if content is None:
        limit = settings.MAX_CONTENT_BYTES
        return HttpResponse(
            f"The content is longer than {limit:,} bytes; send less.\n",
            status=413,
            content_type="text/plain; charset=utf-8",
        )
    return HttpResponse(content, content_type="application/octet-stream")


def read(request: WSGIRequest) -> bytes | None:
    """Return the request's content, or None as soon as it is known to be too long.

    Django reads as much as Content-Length says, and nothing when there is none. Content in chunks (RFC 9112,
    section 7.1) has none; there the server ends the input itself, and says so with `wsgi.input_terminated`.
    """
    limit = cast("int", settings.MAX_CONTENT_BYTES)
    if request.META.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" in request.META:
        content = cast("IO[bytes]", request.META["wsgi.input"]).read(limit + 1)
        return content if len(content) <= limit else None
    # Before reading: what is too long by its own account costs no memory.
    return None if int(request.META.get("CONTENT_LENGTH") or 0) > limit else request.body
