"""What a client may say in a room: one JSON object a message, read strictly and answered in one sentence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rooms import RoomError
from rooms.limits import NUMBER_MAX

__all__ = ["BadFrame", "Post", "read"]

#: What a client calls a message; it is kept for the time of one round trip and sent back as it came.
REF_CHARACTERS: Final = 64


class BadFrame(RoomError):  # noqa: N818 (as the other errors of rooms)
    """The message is no JSON object that we know."""

    code = "bad_frame"

    def __init__(self, detail: str, ref: str | int | None = None) -> None:
        super().__init__(detail)
        self.ref = ref


@dataclass(frozen=True, slots=True)
class Post:
    """``{"type": "post", "author": …, "text": …, "ref": …}``; all but the text may be left out."""

    text: object  # what these may be is for rooms.names to say
    author: object
    ref: str | int | None


def read(event: Mapping[str, Any]) -> Post:
    """Understand a ``websocket.receive`` event."""
    text = event.get("text")
    if text is None:
        raise BadFrame("A room speaks JSON in text messages; this one was binary.")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise BadFrame('A message is a JSON object, such as {"author": "ada", "text": "hi"}.')
    ref = reference(fields.get("ref"))
    if fields.get("type", "post") != "post":
        raise BadFrame('The type of a message is "post", or is left out.', ref)
    return Post(fields.get("text"), fields.get("author"), ref)


def reference(value: object) -> str | int | None:
    """The client's own name for its message."""
    short = isinstance(value, str) and len(value) <= REF_CHARACTERS
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= NUMBER_MAX
    if value is None or short or whole:
        return value  # type: ignore[return-value] # which is what the line above has found out
    raise BadFrame(f"A ref is a string of {REF_CHARACTERS} characters at most, or a whole number.")
