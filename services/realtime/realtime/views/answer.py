"""What the answers of all views have in common."""

from django.http import JsonResponse
from rooms import AfterInFuture, RoomError

__all__ = ["NO_STORE", "refusal"]

#: What is true now is not true later (RFC 9111, section 5.2.2.5).
NO_STORE = {"Cache-Control": "no-store"}


def refusal(error: RoomError) -> JsonResponse:
    """What was wrong, in the words of an error frame."""
    fields: dict[str, str | int] = {"code": error.code, "detail": str(error)}
    if isinstance(error, AfterInFuture):
        fields["last"] = error.last
    return JsonResponse(fields, status=error.status, headers=NO_STORE)
