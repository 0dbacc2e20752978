"""The only place that decides what a room, an author, a text and a number may be.

Each function takes what came over the wire, of whatever type, and returns it in the form in which it is
stored, or raises the ``RoomError`` that says what to change.
"""

import re
import unicodedata

from rooms.errors import BadAuthor, BadNumber, BadRoom, BadText, TextTooLong
from rooms.limits import AUTHOR_CHARACTERS, NUMBER_MAX, PAGE_MESSAGES, ROOM_CHARACTERS, TEXT_BYTES

__all__ = ["after_number", "author_name", "message_text", "page_limit", "room_name"]

ROOM = re.compile(rf"[a-zA-Z0-9][a-zA-Z0-9._-]{{0,{ROOM_CHARACTERS - 1}}}")


def room_name(value: object) -> str:
    """A name that means the same in a URL, in a Redis key and as a Channels group."""
    if not isinstance(value, str) or not ROOM.fullmatch(value):
        raise BadRoom(
            f"A room's name is 1 to {ROOM_CHARACTERS} ASCII letters, digits, '.', '_' or '-', "
            "and starts with a letter or a digit."
        )
    return value


def author_name(value: object) -> str:
    """A name in any script, on one line, without blanks around it, composed (Unicode NFC)."""
    name = unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""
    if not 1 <= len(name) <= AUTHOR_CHARACTERS or not name.isprintable():
        raise BadAuthor(f"An author's name is 1 to {AUTHOR_CHARACTERS} printable characters on one line.")
    return name


def message_text(value: object) -> str:
    """Text as it was written, without the control characters that could rewrite a terminal."""
    if not isinstance(value, str):
        raise BadText("A message needs a text: a string.")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise BadText("The text holds half a surrogate pair, which is no character.") from None
    if size > TEXT_BYTES:
        raise TextTooLong(f"The text is {size:,} bytes of UTF-8; a message holds {TEXT_BYTES:,} at most.")
    if not value.strip():
        raise BadText("The text is empty; write something.")
    if any(unicodedata.category(c) == "Cc" and c not in "\t\n" for c in value):
        raise BadText("The text holds control characters; only tab and newline are let through.")
    return value


def after_number(value: object) -> int:
    """The number that a listener has seen last, 0 for none: an ``int``, or its decimal digits."""
    return whole_number("after", value, 0, NUMBER_MAX)


def page_limit(value: object) -> int:
    """How many messages a reader wants at once."""
    return whole_number("limit", value, 1, PAGE_MESSAGES)


def whole_number(name: str, value: object, least: int, most: int) -> int:
    """An integer within a range. ``True`` is none, and neither are the digits of other scripts."""
    if isinstance(value, str) and len(value) <= len(str(most)) and re.fullmatch("[0-9]+", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadNumber(f"{name} is a whole number from {least} to {most}.")
    return value
