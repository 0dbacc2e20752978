"""The room over plain requests: polling is asking again and again with the number that one has seen last."""

import functools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rooms import AfterInFuture, BadText, Log, RoomError, TextTooLong
from rooms.limits import PAGE_MESSAGES

from web.origin import is_foreign

__all__ = ["messages"]

#: Content of one post: 4 KiB of text, each byte perhaps escaped as six characters, and a name beside it.
MAX_POST_BYTES = 32 * 1024


@functools.cache
def log() -> Log:
    """Return this process's rooms, for all of its threads."""
    return Log(
        settings.REDIS_URL,
        remembered=settings.ROOM_HISTORY,
        password_file=settings.REDIS_PASSWORD_FILE,
    )


class WrongOrigin(RoomError):  # noqa: N818 (named for what is wrong, as in rooms.errors)
    """A page of another site posts with its visitor's browser."""

    status = 403
    code = "wrong_origin"


# Exempt from the CSRF check, whose token a program with curl would have to fetch first: no cookie gives
# rights here, and posts from other sites' pages are refused by their Origin.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: HttpRequest, room: str) -> HttpResponse:
    """GET: what follows ``after``, at once. POST: one more message, and 201 with its number."""
    try:
        if request.method == "POST":
            return post(request, room)
        after, limit = request.GET.get("after", 0), request.GET.get("limit", PAGE_MESSAGES)
        return JsonResponse(log().history(room, after, limit).as_json())  # type: ignore[arg-type] # it checks them
    except RoomError as error:
        fields: dict[str, str | int] = {"code": error.code, "detail": str(error)}
        if isinstance(error, AfterInFuture):
            fields["last"] = error.last
        return JsonResponse(fields, status=error.status)


def post(request: HttpRequest, room: str) -> HttpResponse:
    """Write the message that the request holds, as JSON or as a form."""
    if is_foreign(request):
        raise WrongOrigin("Pages of other sites may not post here; use this site's own page, or a program.")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_POST_BYTES:
        raise TextTooLong(f"A post is {MAX_POST_BYTES:,} bytes at most, a message of it 4,096.")
    fields = read(request)
    message = log().post(room, fields.get("author", "anonymous"), fields.get("text"))  # type: ignore[arg-type] # it checks
    return JsonResponse(
        message.as_json(),
        status=201,
        headers={"Location": f"/rooms/{quote(room)}/messages?after={message.number - 1}&limit=1"},
    )


def read(request: HttpRequest) -> Mapping[str, Any]:
    """Return the request's fields."""
    if request.content_type != "application/json":
        return request.POST
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise BadText('The content is no JSON object; send {"author": "…", "text": "…"}.')
    return fields
